import { useRef, type ComponentProps, type ReactElement, type ReactNode } from 'react';
import { CopyButton } from '../../ui/copy-button.js';
import classes from './markdown.module.css';

/** Code with its language and a copy button. */
export function CodeBlock({ children }: ComponentProps<'pre'>): ReactElement {
  const code = useRef<HTMLPreElement>(null);
  return (
    <div className={classes.code} dir="ltr">
      <div className={classes.codeHead}>
        <span>{languageOf(children)}</span>
        <CopyButton label="Copy code" text={() => code.current?.textContent.replace(/\n$/, '') ?? ''} />
      </div>
      <pre ref={code} tabIndex={0} aria-label="Code" role="region">
        {children}
      </pre>
    </div>
  );
}

function languageOf(children: ReactNode): string {
  if (typeof children !== 'object' || children === null || !('props' in children)) return 'text';
  const { className } = children.props as { className?: string };
  return /language-(\S+)/.exec(className ?? '')?.[1] ?? 'text';
}
