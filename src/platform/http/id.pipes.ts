import { Injectable, type PipeTransform } from '@nestjs/common';
import { AppError, isCleanText } from '../../common/index.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const OBJECT_ID = /^[0-9a-f]{24}$/i;
const CONTROL = /\p{Cc}|\//u;

type IdCode =
  | 'invalid_user_id'
  | 'invalid_tenant_id'
  | 'invalid_project_id'
  | 'invalid_chat_id'
  | 'invalid_message_id'
  | 'invalid_document_id'
  | 'invalid_file_id'
  | 'invalid_token_id'
  | 'invalid_invitation_id';

function refuse(code: IdCode): never {
  throw new AppError(code);
}

/** Whether a value can be the id of a user or a tenant, which others choose. */
export function isExternalId(id: unknown): id is string {
  const fits = typeof id === 'string' && id.length <= 200 && id.trim() !== '';
  return fits && isCleanText(id) && !CONTROL.test(id);
}

/** A user id chosen by the client. @throws AppError 400 `invalid_user_id`. */
@Injectable()
export class UserIdPipe implements PipeTransform<string, string> {
  transform(id: string): string {
    return isExternalId(id) ? id : refuse('invalid_user_id');
  }
}

/** A tenant id. @throws AppError 400 `invalid_tenant_id`. */
@Injectable()
export class TenantIdPipe implements PipeTransform<string, string> {
  transform(id: string): string {
    return isExternalId(id) ? id : refuse('invalid_tenant_id');
  }
}

/** A project id. @throws AppError 400 `invalid_project_id`. */
@Injectable()
export class ProjectIdPipe implements PipeTransform<string, string> {
  transform(id: string): string {
    return isExternalId(id) ? id : refuse('invalid_project_id');
  }
}

/** The 24 hexadecimal digits of a personal token, in lower case. @throws AppError 400 `invalid_token_id`. */
@Injectable()
export class TokenIdPipe implements PipeTransform<string, string> {
  transform(id: string): string {
    return OBJECT_ID.test(id) ? id.toLowerCase() : refuse('invalid_token_id');
  }
}

/** The 24 hexadecimal digits of an invitation, in lower case. @throws AppError 400 `invalid_invitation_id`. */
@Injectable()
export class InvitationIdPipe implements PipeTransform<string, string> {
  transform(id: string): string {
    return OBJECT_ID.test(id) ? id.toLowerCase() : refuse('invalid_invitation_id');
  }
}

/** A chat's UUID, in lower case. @throws AppError 400 `invalid_chat_id`. */
@Injectable()
export class ChatIdPipe implements PipeTransform<string, string> {
  transform(id: string): string {
    return UUID.test(id) ? id.toLowerCase() : refuse('invalid_chat_id');
  }
}

/** A message's 24 hexadecimal digits, in lower case. @throws AppError 400 `invalid_message_id`. */
@Injectable()
export class MessageIdPipe implements PipeTransform<string, string> {
  transform(id: string): string {
    return OBJECT_ID.test(id) ? id.toLowerCase() : refuse('invalid_message_id');
  }
}

/** A document's 24 hexadecimal digits, in lower case. @throws AppError 400 `invalid_document_id`. */
@Injectable()
export class DocumentIdPipe implements PipeTransform<string, string> {
  transform(id: string): string {
    return OBJECT_ID.test(id) ? id.toLowerCase() : refuse('invalid_document_id');
  }
}

/** A file's 24 hexadecimal digits, in lower case. @throws AppError 400 `invalid_file_id`. */
@Injectable()
export class FileIdPipe implements PipeTransform<string, string> {
  transform(id: string): string {
    return OBJECT_ID.test(id) ? id.toLowerCase() : refuse('invalid_file_id');
  }
}
