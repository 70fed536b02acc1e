import { useMemo, type ReactElement } from 'react';
import { jsonTokens } from '../model/json-tokens.js';
import classes from './json-view.module.css';

/** Longer texts are shown without colours: each token is an element of the page. */
const COLOURED_CHARS = 40_000;

/** JSON, coloured. */
export function JsonView({ text }: { text: string }): ReactElement {
  const tokens = useMemo(() => (text.length > COLOURED_CHARS ? null : jsonTokens(text)), [text]);
  return (
    <pre className={classes.json}>
      {tokens
        ? tokens.map(({ kind, text: part }, index) =>
            kind === 'plain' ? (
              part
            ) : (
              <span key={index} data-token={kind}>
                {part}
              </span>
            ),
          )
        : text}
    </pre>
  );
}
