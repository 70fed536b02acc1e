import type { Group } from './blocks.js';

const LINE_PX = 26;
const GAP_PX = 14;
const LINE_CHARS = 85;

/** The approximate height of a group, px. */
export function estimateHeight(blocks: Group): number {
  return blocks.reduce((sum, block) => {
    const lines = block.split('\n').reduce((count, line) => count + Math.ceil(line.length / LINE_CHARS), 0);
    return sum + lines * LINE_PX + GAP_PX;
  }, 0);
}

/** Characters that may be drawn in one go wherever they are: nobody notices a delay, and nothing flickers. */
const AT_ONCE_CHARS = 12_000;

let left = AT_ONCE_CHARS;
let isRefilling = false;

/** Whether a group is drawn with the page: short conversations appear at once. */
export function mayDrawAtOnce(blocks: Group): boolean {
  if (!isRefilling) {
    isRefilling = true;
    setTimeout(() => {
      left = AT_ONCE_CHARS;
      isRefilling = false;
    });
  }
  left -= blocks.reduce((sum, block) => sum + block.length, 0);
  return left >= 0;
}
