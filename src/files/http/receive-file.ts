import {
  createParamDecorator,
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import type { Request, RequestHandler, Response } from 'express';
import multer from 'multer';
import PQueue from 'p-queue';
import type { Observable } from 'rxjs';
import { AppError } from '../../common/index.js';
import { Settings } from '../../platform/config/index.js';
import type { NewFile } from '../files.service.js';

/** Files that are received at a time: each is held in memory. Others wait. */
const AT_ONCE = 16;

/** Reads the form with which a file is uploaded. */
@Injectable()
export class ReceiveFile implements NestInterceptor {
  private readonly turns = new PQueue({ concurrency: AT_ONCE });
  private readonly read: RequestHandler;
  private readonly maxBytes: number;

  constructor({ FILE_MAX_BYTES }: Settings) {
    this.maxBytes = FILE_MAX_BYTES;
    this.read = multer({
      storage: multer.memoryStorage(),
      defParamCharset: 'utf8', // browsers write names in UTF-8 without saying so
      limits: { fileSize: FILE_MAX_BYTES, files: 1, fields: 0, parts: 2, headerPairs: 20 },
    }).single('file');
  }

  /** @throws AppError `file_too_large`, `invalid_upload`, `request_aborted`. */
  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    await this.turns.add(() => this.receive(request, http.getResponse<Response>()));
    if (!request.file) throw new AppError('invalid_upload', { why: 'it has no file.' });
    return next.handle();
  }

  private receive(request: Request, response: Response): Promise<void> {
    return new Promise((resolve, reject) => {
      this.read(request, response, (error?: unknown) => {
        if (error === undefined || error === null) resolve();
        else reject(this.fault(error, request));
      });
    });
  }

  private fault(error: unknown, request: Request): AppError {
    if (request.destroyed && !request.complete) return new AppError('request_aborted').causedBy(error);
    const code = error instanceof multer.MulterError ? error.code : undefined;
    if (code === 'LIMIT_FILE_SIZE') return new AppError('file_too_large', { max_bytes: this.maxBytes });
    const why = code === undefined ? BROKEN : (WHY[code] ?? 'it is larger than a form with one file.');
    return new AppError('invalid_upload', { why }).causedBy(error);
  }
}

const BROKEN = 'it is not valid, or ends before its last part does.';
const WHY: Readonly<Record<string, string>> = {
  LIMIT_UNEXPECTED_FILE: 'its file is in a part of another name.',
  LIMIT_FIELD_COUNT: 'it has other fields.',
  LIMIT_FILE_COUNT: 'it has more than one file.',
  LIMIT_PART_COUNT: 'it has more than one part.',
};

/** The file of the request. */
export const ReceivedFile = createParamDecorator((_: unknown, context: ExecutionContext): NewFile => {
  const { file } = context.switchToHttp().getRequest<Request>();
  if (!file) throw new Error('A route without ReceiveFile receives no file.');
  return { name: file.originalname, bytes: file.buffer };
});
