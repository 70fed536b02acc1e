import { Injectable, type PipeTransform } from '@nestjs/common';
import { ValidateBy } from 'class-validator';
import { AppError } from '../../common/index.js';
import { isExternalKey } from '../external-chats.js';

/** What a client of another system calls a chat, or the chat's own id. @throws AppError 400 `invalid_chat_key`. */
@Injectable()
export class ChatKeyPipe implements PipeTransform<string, string> {
  transform(key: string): string {
    if (isExternalKey(key)) return key;
    throw new AppError('invalid_chat_key');
  }
}

/** The same in a body. */
export function IsChatKey(): PropertyDecorator {
  return ValidateBy({
    name: 'isChatKey',
    validator: {
      validate: isExternalKey,
      defaultMessage: () =>
        'must be a string of 1 to 200 characters, without NUL characters or lone surrogates',
    },
  });
}
