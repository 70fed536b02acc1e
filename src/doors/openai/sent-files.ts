import { Injectable } from '@nestjs/common';
import { AttachedFiles, FilesService } from '../../files/index.js';
import type { Asker } from './new-question.js';
import type { SentFile } from './request/content.js';

/** Files that come within a request, as images do in these APIs. */
@Injectable()
export class SentFiles {
  constructor(
    private readonly files: FilesService,
    private readonly attached: AttachedFiles,
  ) {}

  /** Uploads them for the person who asks. @returns all files of the request, in its order. @throws AppError as for an upload. */
  async store({ scope, person }: Asker, files: readonly SentFile[]): Promise<{ file_id: string }[]> {
    const stored: { file_id: string }[] = [];
    for (const file of files) {
      if ('file_id' in file) stored.push(file);
      else stored.push({ file_id: (await this.files.create(scope, person, file))._id.toHexString() });
    }
    // Before there is a chat that a refused request would leave behind.
    if (stored.length > 0)
      await this.attached.choose(
        scope,
        stored.map(({ file_id }) => file_id),
      );
    return stored;
  }
}
