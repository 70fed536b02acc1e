import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { ErasureRegistry } from '../platform/erasure/index.js';
import { UsersModule } from '../users/index.js';
import { AttachedFiles } from './attached-files.js';
import { FileArchive } from './file-archive.js';
import { FILE, FILE_PART, filePartSchema, fileSchema } from './file.schema.js';
import { FileSweep } from './file-sweep.js';
import { FilesRepository } from './files.repository.js';
import { FilesService } from './files.service.js';
import { ReadAttachmentTool } from './read-attachment.tool.js';
import { FileRecognition } from './reading/file-recognition.js';
import { PdfReader } from './reading/pdf-reader.js';

/** What users upload and attach to their messages. */
@Module({
  imports: [
    UsersModule,
    MongooseModule.forFeature([
      { name: FILE, schema: fileSchema },
      { name: FILE_PART, schema: filePartSchema },
    ]),
  ],
  providers: [
    FilesRepository,
    FilesService,
    AttachedFiles,
    FileArchive,
    FileSweep,
    FileRecognition,
    PdfReader,
    ReadAttachmentTool,
  ],
  exports: [FilesService, AttachedFiles, FileArchive, FileSweep],
})
export class FilesModule {
  constructor(erasure: ErasureRegistry, sweep: FileSweep) {
    erasure.register(sweep);
  }
}
