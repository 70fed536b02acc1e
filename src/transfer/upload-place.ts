import { Injectable } from '@nestjs/common';
import { isDeepStrictEqual } from 'node:util';
import { FileArchive } from '../files/index.js';
import { TransferError } from './errors.js';
import { fromUploadRecord, toUploadRecord } from './mapping.js';
import type { Log } from './placements.js';
import type { UploadRecord } from './records.js';
import type { Tally } from './tally.js';

/** What an import knows when it comes to a file. */
export type UploadPass = Pick<Log, 'owner' | 'userId'> & { writes: boolean; tally: Tally };

/** Where the files of an imported chat's messages go. */
@Injectable()
export class UploadPlace {
  constructor(private readonly files: FileArchive) {}

  /** @throws TransferError if another file has this id. */
  async place(record: UploadRecord, { owner, userId, writes, tally }: UploadPass): Promise<void> {
    const file = fromUploadRecord(record, { tenant_id: owner.tenant_id, user_id: userId });
    const here = await this.files.find(record.file_id);
    const isOwn = here?.tenant_id === file.tenant_id && here.user_id === file.user_id;
    if (here && !(isOwn && isDeepStrictEqual(toUploadRecord(here), toUploadRecord(file))))
      throw new TransferError(`A different file "${record.file_id}" exists here. Nothing was overwritten.`);
    if (writes && here) await this.files.join(owner.chat_id, file);
    else if (writes) await this.files.put(owner.chat_id, file);
    tally.count('file', !here);
  }
}
