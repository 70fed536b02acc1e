import { Injectable } from '@nestjs/common';
import { AppError, type Scope } from '../../common/index.js';
import { AttachedFiles, FilesService } from '../../files/index.js';
import { Settings } from '../../platform/config/index.js';
import { RequestValidationPipe, validationFailed } from '../../platform/http/index.js';
import type { MessageDocument } from '../../run-record/index.js';
import type { NewMessage } from '../messages.service.js';
import { RunQueue } from '../run-queue.js';
import { CreateMessageDto } from './create-message.dto.js';

/** A file of a question: one that was uploaded before, or its bytes. */
export type SentFile = { file_id: string; name: string } | { name: string; bytes: Buffer };

/** A question as a client of another system sends it. */
export interface ClientQuestion {
  /** The client's. */
  id: string;
  text: string;
  files: readonly SentFile[];
  metadata?: unknown;
}

/** How it is to be answered. */
export type QuestionOptions = Pick<CreateMessageDto, 'agent' | 'on_busy'>;

/** Where an uploaded file is, on whatever host. */
const UPLOADED = /\/api\/files\/([0-9a-f]{24})(?:\/content)?(?:[?#].*)?$/i;
const DATA_URL = /^data:[^,]*?(;base64)?,/i;
const BASE64 = /^[\w+/-]*={0,2}\s*$/;

/** Makes messages of what clients of other systems send. */
@Injectable()
export class ClientQuestions {
  private readonly rules: RequestValidationPipe;

  constructor(
    private readonly files: FilesService,
    private readonly attached: AttachedFiles,
    private readonly queue: RunQueue,
    settings: Settings,
  ) {
    this.rules = new RequestValidationPipe(settings);
  }

  /**
   * A question as any other message, without its files: before anything is stored.
   * @throws AppError `validation_failed`, `unknown_agent`, `invalid_attachments`.
   */
  async checked(
    scope: Scope,
    question: ClientQuestion,
    { agent, on_busy }: QuestionOptions,
  ): Promise<NewMessage> {
    const given = {
      content: contentOf(question),
      ...(question.metadata != null && { metadata: question.metadata }),
      ...(agent !== undefined && { agent }),
      ...(on_busy !== undefined && { on_busy }),
    };
    const how = { type: 'body', metatype: CreateMessageDto } as const;
    const message = (await this.rules.transform(given, how)) as CreateMessageDto;
    if (agent !== undefined && !this.queue.agent(agent)) throw new AppError('unknown_agent', { agent });
    const uploaded = question.files.flatMap((file) => ('file_id' in file ? [file.file_id] : []));
    if (uploaded.length > 0) await this.attached.choose(scope, uploaded);
    return message;
  }

  /** Its files, which are stored, and expire unless a message is. @throws AppError those of storing a file. */
  async attachments(
    scope: Scope,
    person: string,
    { files }: ClientQuestion,
  ): Promise<Pick<NewMessage, 'attachments'>> {
    const attachments: { file_id: string }[] = [];
    for (const file of files) attachments.push({ file_id: await this.idOf(file, scope, person) });
    return attachments.length > 0 ? { attachments } : {};
  }

  private async idOf(file: SentFile, scope: Scope, person: string): Promise<string> {
    if ('file_id' in file) return file.file_id;
    return (await this.files.create(scope, person, file))._id.toHexString();
  }
}

/** Whether a message says what a question says: it is the same one, sent again. */
export function isSameQuestion(
  { content, attachments = [] }: MessageDocument,
  question: ClientQuestion,
): boolean {
  if (content !== contentOf(question) || attachments.length !== question.files.length) return false;
  return question.files.every((file, index) => {
    const { file_id, bytes } = attachments[index] ?? {};
    return 'file_id' in file ? file.file_id === file_id : file.bytes.length === bytes;
  });
}

/**
 * The file at an address: a `data:` URL, or that of an uploaded file.
 * @param field where it stands in the request @throws AppError 400 `validation_failed`.
 */
export function fileAt(url: unknown, name: string, field: string): SentFile {
  const text = typeof url === 'string' ? url : '';
  const head = DATA_URL.exec(text);
  const bytes = head && bytesOf(text.slice(head[0].length), head[1] !== undefined);
  if (bytes) return { name, bytes };
  const id = /^data:/i.test(text) ? undefined : UPLOADED.exec(text)?.[1];
  if (id !== undefined) return { file_id: id.toLowerCase(), name };
  const message = 'must be a data: URL, or the address of an uploaded file (/api/files/{file_id})';
  throw validationFailed([{ field, message }]);
}

/** What to call a file that has no name. */
export function nameOfFile(name: unknown, mediaType: unknown): string {
  if (typeof name === 'string' && name.trim() !== '') return name;
  const ending = typeof mediaType === 'string' ? /\/([a-z]+)$/.exec(mediaType)?.[1] : undefined;
  return ending === undefined ? 'file' : `file.${ending === 'plain' ? 'txt' : ending}`;
}

/** The words of a question; of one that has only files, their names. */
function contentOf({ text, files }: ClientQuestion): string {
  return text.trim() === '' && files.length > 0 ? files.map(({ name }) => name).join(', ') : text;
}

function bytesOf(data: string, isBase64: boolean): Buffer | undefined {
  try {
    const text = decodeURIComponent(data);
    if (!isBase64) return Buffer.from(text);
    return BASE64.test(text) ? Buffer.from(text, 'base64') : undefined;
  } catch {
    return undefined;
  }
}
