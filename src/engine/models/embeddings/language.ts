/** Scripts that tell the language, or nearly: the letters decide, where several languages share one. */
const scripts: [script: RegExp, language: string, exceptions?: [letters: RegExp, language: string][]][] = [
  [/\p{Script=Hangul}/gu, 'ko'],
  [/\p{Script=Han}|[\u3040-\u30ff]/gu, 'zh', [[/[\u3040-\u30ff]/, 'ja']]],
  [
    /\p{Script=Cyrillic}/gu,
    'ru',
    [
      [/[іїєґ]/i, 'uk'],
      [/[ђјљњћџ]/i, 'sr'],
    ],
  ],
  [
    /\p{Script=Arabic}/gu,
    'ar',
    [
      [/[ٹڈڑے]/, 'ur'],
      [/[پچژگ]/, 'fa'],
    ],
  ],
  [/\p{Script=Greek}/gu, 'el'],
  [/\p{Script=Hebrew}/gu, 'he'],
  [/\p{Script=Thai}/gu, 'th'],
  [/\p{Script=Devanagari}/gu, 'hi'],
];

/** Words that are in most sentences, and letters that few others have. */
const latin: Record<string, { words: string; letters?: RegExp }> = {
  en: {
    words:
      "the a an of and to in as am is was are were be been being have has had do does did not with for from at by on this that these those it its he she they we you i my your his her their our me him them us what which who whom whose when where why how will would can could should may might must if but because than then there here about into over after before very also only don't doesn't didn't isn't i'm it's likes wants needs lives works prefers",
  },
  de: {
    words:
      'der die das in an den dem des ein eine einen einem einer eines und oder aber ist sind war waren bin bist hat haben hatte wird werden wurde kann können muss soll nicht kein keine mit von zu zum zur im am beim für auf aus nach bei über unter vor seit ich du er sie es wir ihr mein meine dein sein seine ihre unser mich mir dich dir ihn ihm uns was wer wie wo wann warum welche welcher welches auch noch schon nur sehr dass weil wenn als sich gern lieber immer heißt wohnt mag möchte',
    letters: /ß|[äöü]/,
  },
  es: {
    words:
      'a de en el la los las un una unos unas y o pero es son era eran fue ser está están estaba estoy soy eres hay ha he han no sí con del al por para sin sobre entre desde hasta yo tú él ella ellos nosotros mi mis tu su sus me te se le les nos que qué quién quiénes cómo dónde cuándo cuál cuáles cuánto porque muy más también ya cuando como donde este esta esto ese esa tiene tengo vive quiere gusta prefiere prefiero llama hace usa años año',
    letters: /[ñ¿¡]/,
  },
  fr: {
    words:
      "a en le la les un une des du de et ou mais est sont était étaient être suis es sommes êtes a ont avait avoir ai pas ne ni avec pour par sur sous dans sans chez entre depuis je tu il elle on nous vous ils elles mon ma mes ton ta tes son sa ses notre nos votre leur leurs me te se lui que qui quoi quel quelle quels quelles où quand comment pourquoi ce cet cette ces très plus aussi bien c'est j'ai n'est qu'il qu'elle d'un d'une aime j'aime l'on au aux veut préfère habite s'appelle fait ans",
    letters: /[œ]|ê|è|ç/,
  },
  it: {
    words:
      "a in il lo la i gli le un uno una e o ma è sono era erano essere sei siamo ha ho hanno aveva avere non con di del della dello dei degli delle da dal dalla in nel nella su sul sulla per tra fra io tu lui lei noi voi loro mio mia tuo tua suo sua nostro mi ti si ci vi che chi cosa quale quali dove quando come perché questo questa quello molto più anche già c'è dov'è l'ho al ai alla piace vive vuole preferisce preferisco chiama fa anni",
    letters: /[ìò]/,
  },
  pt: {
    words:
      'o a os as um uma uns umas e ou mas é são era eram foi ser está estão estava estou sou tem tenho há não sim com de do da dos das no na nos nas em ao à por pelo pela para sem sobre entre desde até eu tu você ele ela eles elas nós meu minha teu seu sua seus me te se lhe que quem qual quais como onde quando quanto porque muito mais também já este esta isto esse essa isso gosta mora quer prefere prefiro gosto chama faz anos',
    letters: /[ãõ]/,
  },
  nl: {
    words:
      'de het een en of maar is zijn was waren ben bent heb heeft hebben had wordt worden werd kan kunnen moet zal niet geen met van voor naar op in uit bij over onder tot sinds ik jij je hij zij ze wij we jullie mijn jouw haar hun ons onze mij hem wat wie hoe waar wanneer waarom welke ook nog al alleen zeer heel dat dit deze die omdat als er in graag altijd heet woont wil',
    letters: /ij|[ë]/,
  },
  sv: {
    words:
      'och eller men är var vara har hade inte med av för från till på i om hos under jag du han hon vi ni de dem mig dig honom henne min mitt mina din sin sitt sina hans hennes vår deras vad vem hur när varför vilken vilket som att det den en ett också bara mycket mer gillar bor vill alltid i heter',
    letters: /å/,
  },
  pl: {
    words:
      'i w na z ze do od o po za przez dla nie tak jest są był była było być ma mam mają się że to ten ta te tego tej jak co kto gdzie kiedy dlaczego który która które ja ty on ona my oni mój moja jego jej ich mnie mi go ale lub albo czy bardzo też już tylko lubi mieszka chce jestem mieszkam lubię imię ile lat mój którego której',
    letters: /[łąęśżźćń]/,
  },
  tr: {
    words:
      've veya ama bir bu şu o ne kim nerede nasıl neden hangi ben sen biz siz onlar benim senin onun bizim için ile de da mi mı mu mü değil var yok çok daha en gibi kadar sonra önce her olan olarak ise çünkü seviyor istiyor yaşıyor adı yaşında',
    letters: /[ğışİ]/,
  },
};

const vocabulary = Object.entries(latin).map(
  ([language, { words, letters }]) => [language, new Set(words.split(' ')), letters] as const,
);

/** Below this part of all letters a script is that of a name in the midst of another language. */
const SOME = 0.2;
/** A word of one language only counts one; it takes at least so much, and so much more than for the next language. */
const ENOUGH = 1;
const AHEAD = 1.3;

/**
 * The language that a text is written in, as ISO 639-1 names it; undefined where that is not sure, as with names alone, a
 * few words, or a language that is not known here.
 */
export function languageOf(text: string): string | undefined {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  for (const [script, language, exceptions = []] of scripts) {
    if ((text.match(script)?.length ?? 0) <= SOME * letters) continue;
    return exceptions.find(([letter]) => letter.test(text))?.[1] ?? language;
  }
  return latinLanguage(text.replace(/\S*(?::\/\/|@)\S*/g, ' ').toLowerCase());
}

/** By the words that only few languages have, each counting the more the fewer these are. */
function latinLanguage(text: string): string | undefined {
  const words = text.replaceAll('’', "'").match(/[\p{L}\p{M}]+(?:'\p{L}+)*/gu) ?? [];
  const scores = new Map(
    vocabulary.map(([language, , letters]) => [language, letters?.test(text) ? 0.7 : 0]),
  );
  for (const word of words) {
    const found = vocabulary.filter(([, known]) => known.has(word));
    for (const [language] of found) scores.set(language, (scores.get(language) as number) + 1 / found.length);
  }
  const [first, second] = [...scores].sort(([, a], [, b]) => b - a);
  if (!first || !second || first[1] < ENOUGH || first[1] < AHEAD * second[1]) return undefined;
  return first[0];
}
