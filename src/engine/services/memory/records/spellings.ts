/** Letters by script, as the lexical index knows them: without marks. */
const alphabets = [
  'abcdefghijklmnopqrstuvwxyzß',
  'абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґ',
  'αβγδεζηθικλμνξοπρστυφχψως',
];
/** Shorter words are near to too many others. */
const SHORTEST = 5;
/** Words that are no longer mistyped words. */
const LONGEST = 30;

/**
 * What a mistyped word may have been: all that is one letter more, less or different away, or has two letters in the other
 * order. The first letter is taken to be right. Most are no words at all. None for a word that is too short to tell, or of
 * another script than Latin, Cyrillic or Greek.
 */
export function spellingsNear(word: string): string[] {
  const plain = word.normalize('NFD').replaceAll(/\p{M}/gu, '');
  const alphabet = alphabets.find((letters) => [...plain].every((letter) => letters.includes(letter)));
  if (!alphabet || plain.length < SHORTEST || plain.length > LONGEST) return [];
  const near = new Set<string>();
  for (let at = 1; at <= plain.length; at++) {
    const [before, letter = '', next = '', after] = [
      plain.slice(0, at),
      plain[at],
      plain[at + 1],
      plain.slice(at + 2),
    ];
    near.add(before + next + after).add(before + next + letter + after);
    for (const other of alphabet)
      near.add(before + other + letter + next + after).add(before + other + next + after);
  }
  near.delete(plain);
  return [...near];
}
