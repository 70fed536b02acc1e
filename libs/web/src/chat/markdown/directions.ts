import type { Element, Root } from 'hast';

/** Blocks whose first strong letter says from which side they are read; what is in them goes with them. */
const BLOCKS = new Set(['p', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'blockquote', 'table']);

/**
 * A plugin for rehype: Arabic, Hebrew and Persian run from right to left, block by block; code never does. Only the
 * outermost block is marked, since `dir="auto"` does not look into parts that have a direction themselves.
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
