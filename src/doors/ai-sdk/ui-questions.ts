import { Injectable } from '@nestjs/common';
import { AgentRegistry } from '../../agent/index.js';
import { AppError, type FieldError, type Scope } from '../../common/index.js';
import { AttachedFiles, FilesService } from '../../files/index.js';
import { CreateMessageDto } from '../../messages/http/index.js';
import type { NewMessage } from '../../messages/index.js';
import { Settings } from '../../platform/config/index.js';
import { RequestValidationPipe, validationFailed } from '../../platform/http/index.js';
import type { MessageDocument } from '../../run-record/index.js';
import type { AiSdkQueryDto } from './ui-chat.dto.js';
import type { UiQuestion } from './ui-request.js';

/** Where an uploaded file is, on whatever host. */
const UPLOADED = /\/api\/files\/([0-9a-f]{24})(?:\/content)?(?:[?#].*)?$/i;
const DATA_URL = /^data:[^,]*?(;base64)?,/i;

/** A file of a question: one that was uploaded before, or its bytes. */
type SentFile = { file_id: string } | { name: string; bytes: Buffer };

type WantedAttachments = Pick<NewMessage, 'attachments'>;

/** Makes messages of what the SDK's clients send. */
@Injectable()
export class UiQuestions {
  private readonly rules: RequestValidationPipe;

  constructor(
    private readonly files: FilesService,
    private readonly attached: AttachedFiles,
    private readonly agents: AgentRegistry,
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
    question: UiQuestion,
    { agent, on_busy }: Pick<AiSdkQueryDto, 'agent' | 'on_busy'>,
  ): Promise<NewMessage> {
    const uploaded = question.files
      .map(sentFile)
      .flatMap((file) => ('file_id' in file ? [file.file_id] : []));
    const given = {
      content: contentOf(question),
      ...(question.metadata != null && { metadata: question.metadata }),
      ...(agent !== undefined && { agent }),
      ...(on_busy !== undefined && { on_busy }),
    };
    const how = { type: 'body', metatype: CreateMessageDto } as const;
    const message = (await this.rules.transform(given, how)) as CreateMessageDto;
    if (agent !== undefined && !this.agents.find(agent)) throw new AppError('unknown_agent', { agent });
    if (uploaded.length > 0) await this.attached.choose(scope, uploaded);
    return message;
  }

  /** Its files, which are stored, and expire unless a message is. @throws AppError those of storing a file. */
  async attachments(scope: Scope, person: string, { files }: UiQuestion): Promise<WantedAttachments> {
    const attachments: { file_id: string }[] = [];
    for (const file of files.map(sentFile))
      attachments.push({ file_id: await this.idOf(file, scope, person) });
    return attachments.length > 0 ? { attachments } : {};
  }

  private async idOf(file: SentFile, scope: Scope, person: string): Promise<string> {
    if ('file_id' in file) return file.file_id;
    return (await this.files.create(scope, person, file))._id.toHexString();
  }
}

/** Whether a message says what a question says: it is the same one, sent again. */
export function isSame({ content, attachments = [] }: MessageDocument, question: UiQuestion): boolean {
  if (content !== contentOf(question) || attachments.length !== question.files.length) return false;
  return question.files.map(sentFile).every((file, index) => {
    const { file_id, bytes } = attachments[index] ?? {};
    return 'file_id' in file ? file.file_id === file_id : file.bytes.length === bytes;
  });
}

/** The words of a question; of one that has only files, their names. */
function contentOf({ text, files }: UiQuestion): string {
  return text.trim() === '' && files.length > 0 ? files.map(nameOf).join(', ') : text;
}

function sentFile(part: Readonly<Record<string, unknown>>, index: number): SentFile {
  const { url } = part;
  const id = typeof url === 'string' ? UPLOADED.exec(url)?.[1] : undefined;
  if (id !== undefined && !/^data:/i.test(String(url))) return { file_id: id.toLowerCase() };
  const head = typeof url === 'string' ? DATA_URL.exec(url) : null;
  const bytes = head && bytesOf(String(url).slice(head[0].length), head[1] !== undefined);
  if (bytes) return { name: nameOf(part), bytes };
  const message = 'must be a data: URL, or the address of an uploaded file (/api/files/{file_id})';
  const fault: FieldError = { field: `messages.files.${index}.url`, message };
  throw validationFailed([fault]);
}

function bytesOf(data: string, isBase64: boolean): Buffer | undefined {
  try {
    const text = decodeURIComponent(data);
    if (!isBase64) return Buffer.from(text);
    return /^[\w+/-]*={0,2}\s*$/.test(text) ? Buffer.from(text, 'base64') : undefined;
  } catch {
    return undefined;
  }
}

function nameOf({ filename, mediaType }: Readonly<Record<string, unknown>>): string {
  if (typeof filename === 'string' && filename.trim() !== '') return filename;
  const ending = typeof mediaType === 'string' ? /\/([a-z]+)$/.exec(mediaType)?.[1] : undefined;
  return ending === undefined ? 'file' : `file.${ending === 'plain' ? 'txt' : ending}`;
}
