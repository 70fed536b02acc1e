import {
  memo,
  useLayoutEffect,
  useRef,
  useState,
  type ComponentType,
  type ReactElement,
  type RefObject,
} from 'react';
import type { Group } from './blocks.js';
import { heal } from './heal.js';
import { estimateHeight, mayDrawAtOnce } from './sight.js';
import { useSight } from './use-sight.js';
import classes from './markdown.module.css';

/** What {@link Piece} takes. */
export interface PieceProps {
  blocks: Group;
  /** The last of its blocks is still being written. */
  isGrowing: boolean;
  Block: ComponentType<{ text: string }>;
}

/**
 * A stretch of Markdown that is parsed and drawn when it first comes near the viewport. Until then its source takes
 * its place, invisible, so that searching the page finds it.
 */
export const Piece = memo(function Piece({ blocks, isGrowing, Block }: PieceProps): ReactElement {
  const box = useRef<HTMLDivElement>(null);
  const [isDrawn, setDrawn] = useState(() => isGrowing || mayDrawAtOnce(blocks));
  const isShown = isDrawn || isGrowing;
  useSight({
    box,
    isWanted: !isShown,
    onSeen: () => {
      setDrawn(true);
    },
  });
  if (isGrowing && !isDrawn) setDrawn(true);
  useLayoutEffect(() => {
    // Out of view the browser skips it, and knows its height.
    if (!isShown || isGrowing || !box.current) return;
    box.current.style.setProperty('contain-intrinsic-height', `auto ${box.current.offsetHeight}px`);
    box.current.dataset['measured'] = 'true';
  }, [isShown, isGrowing]);
  if (!isShown) return <Undrawn box={box} blocks={blocks} />;
  const last = blocks.length - 1;
  return (
    <div ref={box} className={classes.piece} data-piece="drawn">
      {blocks.map((block, index) => (
        <Block key={index} text={isGrowing && index === last ? heal(block) : block} />
      ))}
    </div>
  );
}, isSame);

/** A group is the same if its blocks are: the last one is a new array each time. */
function isSame(a: PieceProps, b: PieceProps): boolean {
  return (
    a.isGrowing === b.isGrowing &&
    a.Block === b.Block &&
    a.blocks.length === b.blocks.length &&
    a.blocks.every((block, index) => block === b.blocks[index])
  );
}

function Undrawn({ box, blocks }: { box: RefObject<HTMLDivElement | null>; blocks: Group }): ReactElement {
  useLayoutEffect(() => {
    // The page's policy forbids style attributes; this sets a property.
    box.current?.style.setProperty('height', `${estimateHeight(blocks)}px`);
    const element = box.current;
    return () => {
      element?.style.removeProperty('height');
    };
  }, [box, blocks]);
  return (
    <div ref={box} className={classes.undrawn} data-piece="waiting" dir="auto">
      {blocks.join('\n\n')}
    </div>
  );
}
