import { Injectable, type PipeTransform } from '@nestjs/common';
import { isExternalKey } from '../../chats/index.js';
import { AppError } from '../../common/index.js';

/** What a client calls a thread. @throws AppError 400 `invalid_chat_key`. */
@Injectable()
export class ThreadIdPipe implements PipeTransform<string, string> {
  transform(id: string): string {
    if (isExternalKey(id)) return id;
    throw new AppError('invalid_chat_key');
  }
}
