import type { Element, Root } from 'hast';

/** Blocks whose first strong character decides the reading direction, including that of their contents. */
const BLOCKS = new Set(['p', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'blockquote', 'table']);

/**
 * A rehype plugin: Arabic, Hebrew and Persian run from right to left, block by block; code never does. Only the
 * outermost block is marked, because `dir="auto"` does not look into parts that have their own direction.
 */
export function directions(): (tree: Root) => void {
  return (tree) => {
    mark(tree, false);
  };
}

function mark(node: Root | Element, isMarked: boolean): void {
  for (const child of node.children) {
    if (child.type !== 'element') continue;
    const isCode = child.tagName === 'pre' || child.tagName === 'code';
    const isBlock = !isMarked && BLOCKS.has(child.tagName);
    if (isCode || isBlock) child.properties['dir'] = isCode ? 'ltr' : 'auto';
    mark(child, isMarked || isBlock);
  }
}
