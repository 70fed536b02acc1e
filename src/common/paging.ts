/** Which page a client requests: `page` from 1, `page_size` 1..100. */
export interface PageQuery {
  page: number;
  page_size: number;
}

/** One page of a list, as every list route returns it. */
export interface Page<T> {
  items: T[];
  /** Items across all pages. */
  total: number;
  page: number;
  page_size: number;
  total_pages: number;
  has_more: boolean;
}

/** Documents before the page: the `skip` of its query. */
export function pageSkip({ page, page_size }: PageQuery): number {
  return (page - 1) * page_size;
}

/** Wraps the items of one page with its totals. */
export function toPage<T>(items: T[], total: number, { page, page_size }: PageQuery): Page<T> {
  const total_pages = Math.ceil(total / page_size);
  return { items, total, page, page_size, total_pages, has_more: page < total_pages };
}
