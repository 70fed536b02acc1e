import { useMemo, type ReactElement } from 'react';
import { plainText } from './markdown/plain-text.js';

/** A passage of a document, as text. */
export default function Excerpt({ markdown }: { markdown: string }): ReactElement {
  return <>{useMemo(() => plainText(markdown), [markdown])}</>;
}
