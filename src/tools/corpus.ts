import type { TenantId } from '../common/index.js';

/** A place in a document that fits a query. */
export interface Passage {
  document_id: string;
  title: string;
  /** The nearest heading above the passage. */
  heading?: string;
  text: string;
  /** Higher is better; comparable only within one search. */
  score: number;
}

/** A document of the corpus with its whole text. */
export interface CorpusDocument {
  document_id: string;
  title: string;
  content: string;
}

/** What to look for. */
export interface CorpusQuery {
  query: string;
  /** Restricts the search to the documents of one tender. */
  tender_id?: string;
  /** Most passages wanted. */
  limit: number;
}

/** The documents the tools read. Implemented outside; bound in the application's module. */
export abstract class Corpus {
  /** Passages that fit, best first; empty when none does. */
  abstract search(tenant: TenantId, query: CorpusQuery): Promise<Passage[]>;

  /** One document by its id or its title; `undefined` when there is none. */
  abstract read(tenant: TenantId, idOrTitle: string, tender_id?: string): Promise<CorpusDocument | undefined>;
}
