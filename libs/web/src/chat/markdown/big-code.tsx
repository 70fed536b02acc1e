import { memo, type ReactElement } from 'react';
import { CodeBlock } from './code-block.js';
import classes from './markdown.module.css';

/** Longer code is shown without colours: a growing piece is parsed again with every word that arrives. */
const BIG_CHARS = 16_000;
const PART_LINES = 100;

/** What {@link BigCode} takes. */
export interface BigCodeProps {
  language: string;
  code: string;
}

/** The code of a piece that is a single big fence; `null` for any other. */
export function bigCode(text: string): BigCodeProps | null {
  if (text.length < BIG_CHARS) return null;
  const open = /^ {0,3}(`{3,}|~{3,})[ \t]*([^\s`]*)[^\n`]*\n/.exec(text);
  if (!open) return null;
  const [head, fence = '', language = ''] = open;
  const body = text.slice(head.length);
  const end = body.trimEnd();
  const last = end.slice(end.lastIndexOf('\n') + 1).trim();
  const isClosed = last.length >= fence.length && last === fence.charAt(0).repeat(last.length);
  const code = isClosed ? end.slice(0, end.lastIndexOf('\n') + 1) : body;
  return { language: language === '' ? 'text' : language, code };
}

/** In parts, so that appended code redraws only its last part. */
export function BigCode({ language, code }: BigCodeProps): ReactElement {
  const lines = code.split('\n');
  const parts = Array.from({ length: Math.ceil(lines.length / PART_LINES) }, (_, index) =>
    lines.slice(index * PART_LINES, (index + 1) * PART_LINES).join('\n'),
  );
  return (
    <CodeBlock>
      <code className={`language-${language}`}>
        {parts.map((text, index) => (
          <Part key={index} text={index < parts.length - 1 ? `${text}\n` : text} />
        ))}
      </code>
    </CodeBlock>
  );
}

const Part = memo(function Part({ text }: { text: string }): ReactElement {
  return <span className={classes.codePart}>{text}</span>;
});
