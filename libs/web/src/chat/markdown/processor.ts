import { toJsxRuntime, type Components } from 'hast-util-to-jsx-runtime';
import type { Root as MarkdownRoot } from 'mdast';
import type { ReactElement } from 'react';
import { Fragment, jsx, jsxs } from 'react/jsx-runtime';
import rehypeHighlight from 'rehype-highlight';
import rehypeSanitize from 'rehype-sanitize';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import remarkRehype from 'remark-rehype';
import { unified } from 'unified';
import { directions } from './directions.js';
import { htmlAsText } from './html-as-text.js';
import { languages } from './languages.js';

// One for all pieces: building it takes longer than parsing a paragraph. HTML in an answer is shown as text. The rest
// is sanitised before code is highlighted.
const processor = unified()
  .use(remarkParse)
  .use(remarkGfm)
  .use(htmlAsText)
  .use(remarkRehype, { allowDangerousHtml: false })
  .use(rehypeSanitize)
  .use(directions)
  .use(rehypeHighlight, { languages, detect: false })
  .freeze();

/** Markdown as React elements. `components`: what replaces its tags. */
export function toElement(markdown: string, components: Components): ReactElement {
  const tree = processor.runSync(processor.parse(markdown));
  return toJsxRuntime(tree, {
    Fragment,
    jsx,
    jsxs,
    components,
    ignoreInvalidStyle: true,
    passKeys: true,
  }) as ReactElement;
}

/** The syntax tree of a Markdown text, with GitHub's tables and links. */
export function parse(markdown: string): MarkdownRoot {
  return processor.parse(markdown);
}
