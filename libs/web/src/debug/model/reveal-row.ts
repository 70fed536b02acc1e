/** A scrolling list of rows of equal height. Pixels. */
export interface Scrolled {
  /** Its scroll position. */
  readonly offset: number;
  /** Height of the window. */
  readonly view: number;
  readonly row: number;
}

/** Rows further away than this are scrolled to the middle, nearer ones just into view. */
const NEAR_ROWS = 8;

/**
 * The scroll position that brings a row into view; null if it is in view. Does not read from the page, so forces no
 * layout.
 */
export function revealRow(place: number, { offset, view, row }: Scrolled): number | null {
  const top = place * row;
  if (top >= offset && top + row <= offset + view) return null;
  const isAbove = top < offset;
  const away = isAbove ? offset - top : top + row - (offset + view);
  if (away > NEAR_ROWS * row) return Math.max(0, top - (view - row) / 2);
  return isAbove ? top : top + row - view;
}
