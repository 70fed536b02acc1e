import { choice, delta, DONE, raw, stop, text, type Row } from './row.js';

const end = stop() + DONE;
const answer = { text: 'A', end: 'stop' };
const thinking = (thought: unknown) => ({ type: 'thinking', thinking: thought });

/** Texts, thinking, and what servers send where a text was expected. */
export const TEXT_ROWS: Row[] = [
  {
    name: 'parts of thinking and text',
    body: text([thinking([{ type: 'text', text: 'T' }])]) + text([{ type: 'text', text: 'A' }]) + end,
    want: { ...answer, thought: 'T' },
  },
  {
    name: 'thinking as a text inside its part',
    body: text([thinking('T'), { type: 'text', text: 'A' }]) + end,
    want: { ...answer, thought: 'T' },
  },
  { name: 'one part that is no list', body: text({ type: 'text', text: 'A' }) + end, want: answer },
  {
    name: 'a part whose text is an object',
    body: text([{ type: 'output_text', text: { value: 'A', annotations: [] } }]) + end,
    want: answer,
  },
  { name: 'a list of texts', body: text(['A', 'B']) + end, want: { text: 'AB' } },
  {
    name: 'parts that are not known',
    body:
      text([
        { type: 'image_url', image_url: { url: 'data:' } },
        { type: 'reference', reference_ids: [1] },
        7,
        null,
      ]) +
      text('A') +
      end,
    want: answer,
  },
  { name: 'parts nested without end', body: text([[[[[[[['B']]]]]]]]) + text('A') + end, want: answer },
  {
    name: 'a number, a truth value and null for a text',
    body: text(7) + text(true) + text(null) + text('A') + end,
    want: answer,
  },
  {
    name: 'reasoning_content',
    body: delta({ reasoning_content: 'T' }) + text('A') + end,
    want: { ...answer, thought: 'T' },
  },
  { name: 'reasoning', body: delta({ reasoning: 'T' }) + text('A') + end, want: { ...answer, thought: 'T' } },
  {
    name: 'reasoning under both names',
    body: delta({ reasoning: 'T', reasoning_content: 'T' }) + text('A') + end,
    want: { ...answer, thought: 'T' },
  },
  {
    name: 'reasoning as an object',
    body: delta({ reasoning: { content: 'T' } }) + text('A') + end,
    want: { ...answer, thought: 'T' },
  },
  {
    name: 'reasoning as parts',
    body: delta({ reasoning_content: [{ type: 'text', text: 'T' }] }) + text('A') + end,
    want: { ...answer, thought: 'T' },
  },
  {
    name: 'reasoning as numbers',
    body: delta({ reasoning: { tokens: 3 } }) + delta({ reasoning: 3 }) + text('A') + end,
    want: { ...answer, thought: '' },
  },
  {
    name: 'a refusal',
    body: delta({ refusal: 'I ' }) + delta({ refusal: 'cannot.' }) + end,
    want: { text: 'I cannot.', end: 'stop' },
  },
  {
    name: 'a refusal part',
    body: text([{ type: 'refusal', refusal: 'No.' }]) + end,
    want: { text: 'No.', end: 'stop' },
  },
  {
    name: 'a refusal and its finish reason',
    body: delta({ refusal: 'No.' }) + stop('content_filter') + DONE,
    want: { text: 'No.', end: 'content_filter' },
  },
  {
    name: 'a whole message where a delta was expected',
    body: choice({ message: { role: 'assistant', content: 'A' }, finish_reason: 'stop' }) + DONE,
    want: answer,
  },
  {
    name: 'a whole message beside an empty delta',
    body: choice({ delta: {}, message: { content: 'A' }, finish_reason: 'stop' }) + DONE,
    want: answer,
  },
  {
    name: 'the whole message once more',
    body:
      text('A') +
      text('B') +
      choice({ message: { content: 'AB', reasoning_content: 'T' }, finish_reason: 'stop' }) +
      DONE,
    want: { text: 'AB', thought: '' },
  },
  {
    name: 'the whole message, of which half had come',
    body: text('A') + choice({ message: { content: 'AB' }, finish_reason: 'stop' }) + DONE,
    want: { text: 'AB' },
  },
  {
    name: 'the text of the old completions',
    body: choice({ text: 'A', finish_reason: 'stop' }) + DONE,
    want: answer,
  },
  {
    name: 'two choices in one chunk',
    body:
      raw({
        choices: [
          { index: 0, delta: { content: 'A' } },
          { index: 1, delta: { content: 'B' } },
        ],
      }) + end,
    want: answer,
  },
  {
    name: 'two choices in turn',
    body:
      text('A') + raw({ choices: [{ index: 1, delta: { content: 'B' }, finish_reason: 'length' }] }) + end,
    want: answer,
  },
  {
    name: 'the second choice first',
    body:
      raw({
        choices: [
          { index: 1, delta: { content: 'B' } },
          { index: 0, delta: { content: 'C' } },
        ],
      }) +
      raw({ choices: [{ index: 0, delta: { content: 'D' } }] }) +
      raw({ choices: [{ index: 1, delta: {}, finish_reason: 'stop' }] }) +
      DONE,
    want: { text: 'B', end: 'stop' },
  },
  { name: 'the role late', body: text('A') + delta({ role: 'assistant' }) + end, want: answer },
  { name: 'think tags', body: text('<think>T</think>\n\nA') + end, want: { text: '\n\nA', thought: 'T' } },
  {
    name: 'think tags, each character alone',
    body: [...'<think>T</think>A <b> & <thin'].map(text).join('') + end,
    want: { text: 'A <b> & <thin', thought: 'T' },
  },
  {
    name: 'think tags behind blank lines',
    body: text('\n \n') + text('<think>\nT\n</think>A') + end,
    want: { text: 'A', thought: '\nT\n' },
  },
  {
    name: 'tags that other models use',
    body: text('<thought>T</thought>A') + end,
    want: { text: 'A', thought: 'T' },
  },
  {
    name: 'brackets for tags',
    body: text('[THINK]T[/THI') + text('NK]A [THINK]') + end,
    want: { text: 'A [THINK]', thought: 'T' },
  },
  {
    name: 'thinking between the lines',
    body: text('A\n<think>T</think>B') + end,
    want: { text: 'A\nB', thought: 'T' },
  },
  {
    name: 'thinking twice',
    body: text('<think>T</think>\n<think>U</think>A') + end,
    want: { text: 'A', thought: 'TU' },
  },
  {
    name: 'a closing tag alone at the start',
    body: text('</think>\n\nA') + end,
    want: { text: '\n\nA', thought: '' },
  },
  {
    name: 'a closing tag alone at the start, cut in two',
    body: text('</thi') + text('nk>A') + end,
    want: { text: 'A' },
  },
  {
    name: 'a closing tag behind thinking that was not told as such',
    body: text('Hm.\n</think>\nA') + end,
    want: { text: 'Hm.\n\nA' },
  },
  {
    name: 'thinking that does not end',
    body: text('<think>T') + stop('length') + DONE,
    want: { text: '', thought: 'T', end: 'length' },
  },
  {
    name: 'tags that are written about',
    body: text('Use `<think>` and `</think>`.') + end,
    want: { text: 'Use `<think>` and `</think>`.', thought: '' },
  },
  {
    name: 'tags in a code block',
    body: text('```xml\n<think>a</think>\n') + text('</think>\n```\nA') + end,
    want: { text: '```xml\n<think>a</think>\n</think>\n```\nA', thought: '' },
  },
  {
    name: 'a tag of another kind at the start',
    body: text('<thinker>A') + end,
    want: { text: '<thinker>A' },
  },
  ...[
    '<THINK>T</THINK>A',
    '<Think>T</tHINK>A',
    '<think effort="high">T</think>A',
    '<think >T</think >A',
    '<thinking\ntype="x">T</thinking\n>A',
    '[think]T[/think]A',
  ].map((content) => ({
    name: `tags as ${JSON.stringify(content)}`,
    body: text(content) + end,
    want: { text: 'A', thought: 'T', end: 'stop' },
  })),
  { name: 'a closing tag alone, in capitals', body: text('T</THINK >A') + end, want: { text: 'TA' } },
  { name: 'a tag with a sign too much', body: text('<think<T') + end, want: { text: '<think<T' } },
  { name: 'an answer that is the beginning of a tag', body: text('<thi') + end, want: { text: '<thi' } },
  { name: 'no answer at all', body: end, want: { text: '', end: 'stop' } },
];
