import type { Random } from './random.ts';

const rows = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm'];
const WORDS = 2;
const SHORTEST = 5;

function neighbour(letter: string, random: Random): string {
  const row = rows.find((keys) => keys.includes(letter));
  if (!row) return letter;
  const place = row.indexOf(letter);
  return row[random.one([place - 1, place + 1].filter((key) => row[key]))] ?? letter;
}

/** A word as typed in a hurry: two letters swapped, one left out, one doubled, or the key beside. The first letter is right. */
function mistyped(word: string, random: Random): string {
  const place = 1 + random.below(word.length - 2);
  const [before, letter = '', next = '', after] = [
    word.slice(0, place),
    word[place],
    word[place + 1],
    word.slice(place + 2),
  ];
  const typed = [next + letter, next, letter + letter + next, neighbour(letter, random) + next];
  return before + random.one(typed.filter((letters) => letters !== letter + next)) + after;
}

/** A text with a slip in two of its longer words. */
export function withTypos(text: string, random: Random): string {
  const words = text.split(/(\p{L}+)/u);
  const long = [...words.keys()].filter(
    (place) => /^\p{L}+$/u.test(words[place] ?? '') && (words[place] ?? '').length >= SHORTEST,
  );
  for (const place of random.shuffled(long).slice(0, WORDS))
    words[place] = mistyped(words[place] ?? '', random);
  return words.join('');
}
