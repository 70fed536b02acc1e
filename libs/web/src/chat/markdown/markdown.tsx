import { memo, use, useMemo, useState, type ComponentType, type ReactElement } from 'react';
import { BlockReader } from './blocks.js';
import { Piece } from './piece.js';
import classes from './markdown.module.css';

type Renderer = ComponentType<{ text: string }>;

/** A text with more groups leaves it to the browser to skip what is out of view. */
const LONG_GROUPS = 8;

let loaded: Renderer | undefined;
let loading: Promise<Renderer> | undefined;

/** The renderer is a separate chunk. Once it is loaded, no render waits for it again, not even for a moment. */
function load(): Promise<Renderer> {
  loading ??= import('./renderer.js').then((module) => (loaded = module.default));
  return loading;
}

/** Fetches the renderer before the first answer needs it. */
export function preloadMarkdown(): void {
  load().catch(() => undefined); // the component that needs it reports the error
}

/** What {@link Markdown} takes. */
export interface MarkdownProps {
  text: string;
  /** More will follow, or the text was cut off: the last piece is shown as if it were complete. */
  isGrowing?: boolean;
}

/**
 * Rendered Markdown. While the text grows only its last piece is redrawn, and only what is near the viewport is drawn
 * at all. Suspends until the renderer is loaded: plain text that turns into something else would jump.
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
