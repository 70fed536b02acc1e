import type { Components } from 'hast-util-to-jsx-runtime';
import { memo, type ComponentProps, type ReactElement, type ReactNode } from 'react';
import { BigCode, bigCode } from './big-code.js';
import { CodeBlock } from './code-block.js';
import { safeHref } from './links.js';
import { toElement } from './processor.js';

const components: Components = { a: Anchor, img: Picture, pre: CodeBlock, table: Table, input: Checkbox };

/** One piece of Markdown. Redraws only when its text changes. */
const MarkdownBlock = memo(function MarkdownBlock({ text }: { text: string }): ReactElement {
  const code = bigCode(text);
  return code ? <BigCode {...code} /> : toElement(text, components);
});

export default MarkdownBlock;

function Anchor({ href, children }: { href?: string | undefined; children?: ReactNode }): ReactElement {
  const safe = safeHref(href);
  if (safe === undefined) return <span>{children}</span>;
  return (
    <a href={safe} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  );
}

/** A link in place of an image: loading it would tell its server who reads this. */
function Picture({ src, alt }: ComponentProps<'img'>): ReactElement {
  const words = alt === undefined || alt === '' ? 'Picture' : alt;
  return <Anchor href={typeof src === 'string' ? src : undefined}>{words}</Anchor>;
}

/** A wide table scrolls by itself, including with the keyboard; the page does not. */
function Table({ children, dir }: ComponentProps<'table'>): ReactElement {
  return (
    <div data-table role="region" aria-label="Table" tabIndex={0}>
      <table dir={dir}>{children}</table>
    </div>
  );
}

function Checkbox({ checked }: ComponentProps<'input'>): ReactElement {
  return (
    <input
      type="checkbox"
      checked={checked === true}
      readOnly
      disabled
      aria-label={checked ? 'Done' : 'To do'}
    />
  );
}
