import { Module } from '@nestjs/common';
import { FilesModule } from '../files.module.js';
import { FilesController } from './files.controller.js';
import { ReceiveFile } from './receive-file.js';
import { UserFilesController } from './user-files.controller.js';

/** Files over HTTP. */
@Module({
  imports: [FilesModule],
  controllers: [UserFilesController, FilesController],
  providers: [ReceiveFile],
})
export class FilesHttpModule {}
