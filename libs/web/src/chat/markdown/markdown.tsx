import { memo, use, type ComponentType, type ReactElement } from 'react';
import { splitBlocks } from './blocks.js';
import { heal } from './heal.js';
import classes from './markdown.module.css';

type Renderer = ComponentType<{ text: string }>;

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
 * Markdown as it is read. While the text grows only its last piece is drawn anew. Suspends until the renderer is here:
 * plain text that turns into something else would jump.
 */
export const Markdown = memo(function Markdown({ text, isGrowing = false }: MarkdownProps): ReactElement {
  const Block = loaded ?? use(load());
  const blocks = splitBlocks(text);
  const last = blocks.length - 1;
  return (
    <div className={classes.prose}>
      {blocks.map((block, index) => (
        <Block key={index} text={isGrowing && index === last ? heal(block) : block} />
      ))}
    </div>
  );
});
