const FENCE = /^\s{0,3}(```|~~~)/;
/** Headings, table rows, rules, HTML, link definitions, images and command lines: nothing to quote. */
const NO_PROSE =
  /^\s*(#{1,6}\s|\||[-+:|\s]+\|[-+:|\s]*$|([-*_=]\s*){3,}$|<\/?[a-z!]|\[[^\]]+\]:\s|!\[|\$\s|(npm|npx|curl|docker|git|sudo|cd)\s[^.]*$)/i;
const TABLE_ROW = /\s\|\s.*\s\|\s|\|\s*$/;
const INDENTED_CODE = /^(\t| {4,})\S/;
const ITEM = /^\s*([-*+•]|\d+[.)])\s+/;
const ABBREVIATION =
  /(^|[\s(])(e\.g|i\.e|etc|cf|vs|no|nos|nr|art|sec|par|pp?|bl\.a|f\.eks|jf|stk|z\.b|bzw|ca|dr|mr|mrs|ms|st|[A-Z])\.$/i;
const BOUNDARY = /(?<=[.!?…]["”’»)\]*_`]*)\s+|(?<=[。！？])/u;
const WHOLE = /[.!?…。！？]["”’»)\]*_`]*$/u;

/**
 * The complete sentences of a text's prose, in order: no code, tables or headings, and nothing that was cut in the
 * middle.
 */
export function proseSentences(text: string): string[] {
  const blocks = proseBlocks(text);
  return blocks.flatMap((block, index) => {
    const sentences = splitSentences(block);
    // A passage may start and end within a sentence.
    if (index === 0 && /^[\p{Ll},;.)]/u.test(sentences[0] ?? '')) sentences.shift();
    return sentences.filter((sentence) => WHOLE.test(sentence) && !isCode(sentence));
  });
}

/** Paragraphs and list items, each as one line. */
function proseBlocks(text: string): string[] {
  const blocks: string[] = [];
  let open = false;
  let fenced = false;
  for (const line of text.split('\n')) {
    if (FENCE.test(line)) {
      fenced = !fenced;
      open = false;
      continue;
    }
    const skipped = fenced || line.trim() === '' || NO_PROSE.test(line) || TABLE_ROW.test(line);
    const isItem = ITEM.test(line);
    if (skipped || (!open && !isItem && INDENTED_CODE.test(line))) {
      open = false;
      continue;
    }
    const words = line
      .replace(ITEM, '')
      .replace(/^\s*>+\s?/, '')
      .trim();
    if (open && !isItem) blocks.push(`${blocks.pop() ?? ''} ${words}`);
    else blocks.push(words);
    open = true;
  }
  return blocks;
}

function splitSentences(block: string): string[] {
  const sentences: string[] = [];
  for (const piece of block.split(BOUNDARY)) {
    const before = sentences.at(-1);
    if (before !== undefined && ABBREVIATION.test(before))
      sentences[sentences.length - 1] = `${before} ${piece}`;
    else sentences.push(piece);
  }
  return sentences.map((sentence) => sentence.trim()).filter((sentence) => sentence !== '');
}

/** More code than words. */
function isCode(sentence: string): boolean {
  const inCode = (sentence.match(/`[^`]*`/g) ?? []).join('').length;
  return inCode > sentence.length / 2;
}
