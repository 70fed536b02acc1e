import { Module } from '@nestjs/common';
import { ChatsModule } from '../chats/index.js';
import { DocumentsModule } from '../documents/index.js';
import { FilesModule } from '../files/index.js';
import { PersonalDataModule } from '../personal-data/index.js';
import { StreamsModule } from '../streams/index.js';
import { ChatPlace } from './chat-place.js';
import { Everything } from './everything.js';
import { Exporter } from './exporter.js';
import { Importer } from './importer.js';
import { TransferStore } from './transfer-store.js';
import { UploadPlace } from './upload-place.js';

/** Moves chats out of a database and into another. Not part of the server: the commands add it to the application. */
@Module({
  imports: [ChatsModule, DocumentsModule, FilesModule, PersonalDataModule, StreamsModule],
  providers: [TransferStore, ChatPlace, Exporter, Everything, Importer, UploadPlace],
})
export class TransferModule {}
