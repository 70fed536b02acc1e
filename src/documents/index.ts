export { DocumentArchive, type ArchivedDocument } from './document-archive.js';
export { DocumentsModule } from './documents.module.js';
export { CorpusReader, type DocumentText } from './corpus-reader.js';
export { DocumentsService, type NewDocument } from './documents.service.js';
export { SemanticSearch, type SemanticState } from './vectors/semantic-search.js';
export { type PassageQuery } from './passage-search.js';
