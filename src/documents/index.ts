export { DocumentArchive, type ArchivedDocument } from './document-archive.js';
export { DocumentsModule } from './documents.module.js';
export { DocumentsService, type DocumentText, type NewDocument } from './documents.service.js';
export { type PassageQuery } from './passage-search.js';
