import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { CorpusReader } from './corpus-reader.js';
import { DocumentArchive } from './document-archive.js';
import { DOCUMENT, documentSchema, PASSAGE, passageSchema } from './document.schema.js';
import { DocumentsRepository } from './documents.repository.js';
import { DocumentsService } from './documents.service.js';
import { PassageIndex } from './passage-index.js';
import { PassageSearch } from './passage-search.js';
import { ModelsModule } from '../models/index.js';
import { SearchUpgrade } from './search-upgrade.js';
import { EmbeddingQueue } from './vectors/embedding-queue.js';
import { PassageEmbedder } from './vectors/passage-embedder.js';
import { SemanticSearch } from './vectors/semantic-search.js';
import { VectorCache } from './vectors/vector-cache.js';
import { VectorStore } from './vectors/vector-store.js';
import { VECTOR, VECTOR_MARK, vectorMarkSchema, vectorSchema } from './vectors/vector.schema.js';

/** The corpus that the search and file tools read. */
@Module({
  imports: [
    MongooseModule.forFeature([
      { name: DOCUMENT, schema: documentSchema },
      { name: PASSAGE, schema: passageSchema },
      { name: VECTOR, schema: vectorSchema },
      { name: VECTOR_MARK, schema: vectorMarkSchema },
    ]),
    ModelsModule,
  ],
  providers: [
    DocumentsRepository,
    PassageIndex,
    PassageSearch,
    SearchUpgrade,
    VectorStore,
    VectorCache,
    EmbeddingQueue,
    PassageEmbedder,
    SemanticSearch,
    DocumentsService,
    CorpusReader,
    DocumentArchive,
  ],
  exports: [CorpusReader, DocumentsService, DocumentArchive, SemanticSearch],
})
export class DocumentsModule {}
