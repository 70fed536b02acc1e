import { Controller, Delete, Get, HttpCode, Param, Res, StreamableFile } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Readable } from 'node:stream';
import type { Scope } from '../../common/index.js';
import { ApiProblems, CurrentScope, FileIdPipe } from '../../platform/http/index.js';
import { FilesService } from '../files.service.js';
import { FileView, toFileView } from './file.view.js';

/** Whatever a file contains, a browser saves it and runs nothing of it. */
const SANDBOX = "sandbox; default-src 'none'";

/** One file over HTTP. */
@ApiTags('files')
@ApiParam({ name: 'file_id', example: '68eb95dcac4dd9ac27898910' })
@Controller('files/:file_id')
export class FilesController {
  constructor(private readonly files: FilesService) {}

  @Get()
  @ApiOperation({ summary: 'Get a file', description: 'Without its content.' })
  @ApiOkResponse({ description: 'The file.', type: FileView })
  @ApiProblems('invalid_file_id', 'file_not_found')
  async get(@CurrentScope() scope: Scope, @Param('file_id', FileIdPipe) fileId: string): Promise<FileView> {
    return toFileView(await this.files.get(scope, fileId));
  }

  @Get('content')
  @ApiOperation({
    summary: 'Download a file',
    description: 'Its bytes as they were uploaded; texts as `text/plain`, whatever they are written in.',
  })
  @ApiOkResponse({
    description: 'The bytes.',
    content: { '*/*': { schema: { type: 'string', format: 'binary' } } },
  })
  @ApiProblems('invalid_file_id', 'file_not_found')
  async content(
    @CurrentScope() scope: Scope,
    @Param('file_id', FileIdPipe) fileId: string,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StreamableFile> {
    const file = await this.files.get(scope, fileId);
    const isText = file.characters !== undefined && file.media_type !== 'application/pdf';
    response.attachment(file.name);
    response.setHeader('Content-Type', isText ? 'text/plain' : file.media_type);
    response.setHeader('Content-Security-Policy', SANDBOX);
    response.setHeader('Cache-Control', 'private, no-store');
    const options = { length: file.bytes };
    return new StreamableFile(Readable.from(this.files.content(file), { objectMode: false }), options);
  }

  @Delete()
  @HttpCode(204)
  @ApiOperation({
    summary: 'Delete a file',
    description: 'Messages that it is attached to keep its name. Cannot be undone.',
  })
  @ApiNoContentResponse({ description: 'The file has been deleted.' })
  @ApiProblems('invalid_file_id', 'file_not_found')
  async delete(@CurrentScope() scope: Scope, @Param('file_id', FileIdPipe) fileId: string): Promise<void> {
    await this.files.delete(scope, fileId);
  }
}
