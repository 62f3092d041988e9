/** Stands in until the embedder's own is here. */
export function languageOf(text: string): string {
  if (/[\u3040-\u30ff]/.test(text)) return 'ja';
  if (/[\u4e00-\u9fff]/.test(text)) return 'zh';
  const score = (form: RegExp) => text.match(form)?.length ?? 0;
  const de = score(
    /\b(?:ich|und|der|die|das|ist|nicht|ein|eine|mit|mein|meine|bin|auf|für|zu|habe|bitte|heiße|wohne|am|im|es|wir)\b|[äöüß]/giu,
  );
  const es = score(
    /\b(?:el|la|los|las|que|de|en|un|una|es|mi|soy|vivo|me|con|por|para|no|y|del|se|está|tengo|gusta)\b|[ñ¿¡]/giu,
  );
  const en = score(/\b(?:i|the|and|is|my|a|in|to|of|it|you|at|for|am|on|was|have|with|we|be|are)\b/giu);
  return de > en && de >= es ? 'de' : es > en ? 'es' : 'en';
}
