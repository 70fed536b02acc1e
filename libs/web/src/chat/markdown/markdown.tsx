import { memo, use, useMemo, useState, type ComponentType, type ReactElement } from 'react';
import { BlockReader } from './blocks.js';
import { Piece } from './piece.js';
import classes from './markdown.module.css';

type Renderer = ComponentType<{ text: string }>;

/** A text of more groups leaves it to the browser to skip what is out of sight. */
const LONG_GROUPS = 8;

let loaded: Renderer | undefined;
let loading: Promise<Renderer> | undefined;

/** The renderer is a chunk of its own. Once it is here, nobody waits for it any more, not even for a moment. */
function load(): Promise<Renderer> {
  loading ??= import('./renderer.js').then((module) => (loaded = module.default));
  return loading;
}

/** Fetches the renderer before the first answer asks for it. */
export function preloadMarkdown(): void {
  load().catch(() => undefined); // whoever needs it reports
}

/** What {@link Markdown} takes. */
export interface MarkdownProps {
  text: string;
  /** More is to come, or it was cut off: the last piece is shown as if it were whole. */
  isGrowing?: boolean;
}

/**
 * Markdown as it is read. While the text grows only its last piece is drawn anew, and only what is near the visible part
 * of the page is drawn at all. Suspends until the renderer is here: plain text that turns into something else would jump.
 */
export const Markdown = memo(function Markdown({ text, isGrowing = false }: MarkdownProps): ReactElement {
  const Block = loaded ?? use(load());
  const [reader] = useState(() => new BlockReader());
  const groups = useMemo(() => reader.read(text), [reader, text]);
  const last = groups.length - 1;
  return (
    <div className={classes.prose} data-long={groups.length > LONG_GROUPS}>
      {groups.map((blocks, index) => (
        <Piece key={index} blocks={blocks} isGrowing={isGrowing && index === last} Block={Block} />
      ))}
    </div>
  );
});
