interface Node {
  type: string;
  children?: Node[];
}

/**
 * A remark plugin: HTML becomes the text that was written, so that no part of an answer is lost and none of it is
 * active.
 */
export function htmlAsText(): (tree: Node) => void {
  return (tree) => {
    toText(tree, false);
  };
}

function toText(node: Node, isInLine: boolean): void {
  if (!node.children) return;
  const holdsText = isInLine || ['paragraph', 'heading', 'tableCell'].includes(node.type);
  node.children = node.children.map((child) => {
    if (child.type !== 'html') return child;
    const text = { ...child, type: 'text' };
    return holdsText ? text : { type: 'paragraph', children: [text] };
  });
  for (const child of node.children) toText(child, holdsText);
}
