/** A list of rows of one height in a window that scrolls. Pixels. */
export interface Scrolled {
  /** How far it is scrolled. */
  readonly offset: number;
  /** Height of the window. */
  readonly view: number;
  readonly row: number;
}

/** Rows further away than this are brought to the middle, nearer ones just into sight. */
const NEAR_ROWS = 8;

/** How far to scroll so that a row is in sight; null when it is. Reads nothing from the page, so forces no layout. */
export function revealRow(place: number, { offset, view, row }: Scrolled): number | null {
  const top = place * row;
  if (top >= offset && top + row <= offset + view) return null;
  const isAbove = top < offset;
  const away = isAbove ? offset - top : top + row - (offset + view);
  if (away > NEAR_ROWS * row) return Math.max(0, top - (view - row) / 2);
  return isAbove ? top : top + row - view;
}
