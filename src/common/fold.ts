// eslint-disable-next-line @typescript-eslint/triple-slash-reference -- projects that import this file do not include the declaration
/// <reference path="./opencc-js.d.ts" />
import traditional from 'opencc-js/dict/TSCharacters';

/** What a reader does not see or leaves out: soft hyphens, joiners, accents, vowel signs, tatweel, nuktas. */
const LEFT_OUT = new RegExp(
  String.raw`\p{Default_Ignorable_Code_Point}|[\u0640\ufffe]|(?![\u3099\u309a])(?=\p{Mn})[\p{sc=Hebrew}\p{sc=Arabic}\p{sc=Inherited}\u0483-\u0487]|[\u093c\u09bc\u0a3c\u0abc\u0b3c\u0cbc]`,
  'gu',
);

/** Letters that Unicode does not decompose, and those that a language writes in several ways. */
const SAME_LETTERS = tableOf(
  'ß ss|æ ae|œ oe|ø o|ł l|đ d|ð d|þ th|ħ h|ŧ t|ŋ n|ı i|ĸ k|ƀ b|ɓ b|ɖ d|ɗ d|ƒ f|ɠ g|ɨ i|ƙ k|ɲ n|ƥ p|ƭ t|ʉ u|ʋ v|ƴ y|' +
    'ς σ|ґ г|ٱ ا|ى ي|ی ي|ې ي|ک ك|ڪ ك|ة ه|ە ه|ہ ه|ھ ه|ۃ ه|\u0901 \u0902|' +
    '‐ -|‒ -|– -|— -|― -|− -|־ -|’ \'|‘ \'|ʼ \'|׳ \'|“ "|” "|„ "|״ "',
);

/** Character by character, so that its neighbours cannot change what a character becomes. */
const SIMPLIFIED = tableOf(traditional);

/** The characters in the tables, and the digits of other scripts. */
const REPLACED = new RegExp(
  `[${[...SAME_LETTERS.keys(), ...SIMPLIFIED.keys()].join('')}]|(?![0-9])\\p{Nd}`,
  'gu',
);
const ASCII = /^\p{ASCII}*$/u;

/** A nasal before a consonant of its own class is also written as a dot above: हिन्दी and हिंदी. */
const HINDI_NASAL = /ङ्(?=[क-घ])|ञ्(?=[च-झ])|ण्(?=[ट-ढ])|न्(?=[त-ध])|म्(?=[प-भ])/g;

/** How these letters are written if a keyboard or a file name does not have them. */
const SPELLED_OUT = tableOf('å aa|ä ae|æ ae|ö oe|ø oe|ü ue');
const SPELT = /[åäæöøü]/g;

/**
 * A text in the form in which it is compared when spelling does not matter: case, accents, vowel signs, full width,
 * soft hyphens, traditional and simplified characters, digits of other scripts. White space and punctuation stay.
 */
export function fold(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  return text
    .normalize('NFKD')
    .replace(LEFT_OUT, '')
    .normalize('NFC')
    .toLowerCase()
    .replace(REPLACED, replacement)
    .replace(HINDI_NASAL, 'ं');
}

/**
 * The folded text, and the one with `å` as `aa`, `ö` as `oe` and so on if that differs: two texts are equal if any of
 * their forms match.
 */
export function spellings(text: string): string[] {
  const folded = fold(text);
  if (ASCII.test(text)) return [folded];
  const composed = text.normalize('NFKC').toLowerCase();
  const spelt = composed.replace(SPELT, (letter) => SPELLED_OUT.get(letter) ?? letter);
  return spelt === composed ? [folded] : [folded, fold(spelt)];
}

/**
 * The form in which a title is stored for searching, and a search text for a title; without searchable characters it
 * is empty.
 */
export function titleKeys(title: string): string[] {
  return spellings(title)
    .map((spelling) => spelling.replace(/\s+/g, ' ').trim())
    .filter((key) => key !== '');
}

/** A text in one case and one normalisation form, without invisible characters; its spelling is kept. */
export function plain(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  return text
    .normalize('NFKC')
    .replace(/\p{Default_Ignorable_Code_Point}|\ufffe/gu, '')
    .toLowerCase();
}

function replacement(letter: string): string {
  return (
    SAME_LETTERS.get(letter) ?? SIMPLIFIED.get(letter) ?? (DIGIT.test(letter) ? digitOf(letter) : letter)
  );
}

const DIGIT = /^\p{Nd}$/u;

/** The digits of a script are contiguous, from 0 to 9. */
function digitOf(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  let value = 0;
  while (value < 9 && DIGIT.test(String.fromCodePoint(code - value - 1))) value++;
  return String(value);
}

/** `from to` pairs separated by `|`; if there are several `to`, the first. */
function tableOf(pairs: string): ReadonlyMap<string, string> {
  return new Map(
    pairs.split('|').map((pair): [string, string] => {
      const [from = '', to = ''] = pair.split(' ');
      return [from, to];
    }),
  );
}
