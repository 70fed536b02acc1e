import type { TenantId } from '../common/index.js';

/** A passage in a document that matches a query. */
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

/** What to search for. */
export interface CorpusQuery {
  query: string;
  /** Restricts the search to the documents of one tender. */
  tender_id?: string;
  /** Maximum number of passages. */
  limit: number;
}

/** The documents that the tools read. Implemented elsewhere; bound in the application's module. */
export abstract class Corpus {
  /** Matching passages, best first; empty if there are none. */
  abstract search(tenant: TenantId, query: CorpusQuery): Promise<Passage[]>;

  /** One document by its id or its title; `undefined` if there is none. */
  abstract read(tenant: TenantId, idOrTitle: string, tender_id?: string): Promise<CorpusDocument | undefined>;
}
