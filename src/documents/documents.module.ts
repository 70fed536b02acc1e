import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { CorpusReader } from './corpus-reader.js';
import { DocumentArchive } from './document-archive.js';
import { DOCUMENT, documentSchema, PASSAGE, passageSchema } from './document.schema.js';
import { DocumentsRepository } from './documents.repository.js';
import { DocumentsService } from './documents.service.js';
import { PassageIndex } from './passage-index.js';
import { PassageSearch } from './passage-search.js';
import { SearchUpgrade } from './search-upgrade.js';

/** The corpus that the search and file tools read. */
@Module({
  imports: [
    MongooseModule.forFeature([
      { name: DOCUMENT, schema: documentSchema },
      { name: PASSAGE, schema: passageSchema },
    ]),
  ],
  providers: [
    DocumentsRepository,
    PassageIndex,
    PassageSearch,
    SearchUpgrade,
    DocumentsService,
    CorpusReader,
    DocumentArchive,
  ],
  exports: [CorpusReader, DocumentsService, DocumentArchive],
})
export class DocumentsModule {}
