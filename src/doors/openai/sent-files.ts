import { Injectable } from '@nestjs/common';
import { FilesService } from '../../files/index.js';
import type { Asker } from './new-question.js';
import type { SentFile } from './request/content.js';

/** Files that come within a request, as images do in these APIs. */
@Injectable()
export class SentFiles {
  constructor(private readonly files: FilesService) {}

  /** Uploads them for the person who asks. @returns all files of the request, in its order. @throws AppError as for an upload. */
  async store({ scope, person }: Asker, files: readonly SentFile[]): Promise<{ file_id: string }[]> {
    const stored: { file_id: string }[] = [];
    for (const file of files) {
      if ('file_id' in file) stored.push(file);
      else stored.push({ file_id: (await this.files.create(scope, person, file))._id.toHexString() });
    }
    return stored;
  }
}
