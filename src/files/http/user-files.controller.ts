import { Controller, Get, Param, Post, Query, UseInterceptors } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiCreatedResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Page, Scope } from '../../common/index.js';
import { ApiPage, ApiProblems, CurrentScope, PageQueryDto, UserIdPipe } from '../../platform/http/index.js';
import { FilesService, type NewFile } from '../files.service.js';
import { FileView, toFileView } from './file.view.js';
import { ReceivedFile, ReceiveFile } from './receive-file.js';

const FORM = {
  type: 'object',
  required: ['file'],
  properties: { file: { type: 'string', format: 'binary' } },
};

/** A user's files over HTTP. */
@ApiTags('files')
@ApiParam({
  name: 'user_id',
  example: 'alice@company.com',
  description: 'Your own id for the user, 1 to 200 characters.',
})
@Controller('users/:user_id/files')
export class UserFilesController {
  constructor(private readonly files: FilesService) {}

  @Post()
  @UseInterceptors(ReceiveFile)
  @ApiOperation({
    summary: 'Upload a file',
    description:
      'An image (PNG, JPEG, GIF, WebP), a PDF, or text of any kind: what it is, its bytes decide. Name it in the `attachments` of a message; a file that no message has is deleted after a day (a setting). The user is created on first use.',
  })
  @ApiConsumes('multipart/form-data')
  @ApiBody({ schema: FORM })
  @ApiCreatedResponse({ description: 'The file.', type: FileView })
  @ApiProblems(
    'invalid_user_id',
    'invalid_upload',
    'request_aborted',
    'file_too_large',
    'file_text_too_long',
    'file_storage_full',
    'unsupported_media_type',
    'unsupported_file_type',
    'empty_file',
    'file_without_text',
    'unreadable_file',
  )
  async create(
    @CurrentScope() scope: Scope,
    @Param('user_id', UserIdPipe) userId: string,
    @ReceivedFile() file: NewFile,
  ): Promise<FileView> {
    return toFileView(await this.files.create(scope, userId, file));
  }

  @Get()
  @ApiOperation({ summary: "List a user's files", description: 'Newest first. An unknown user has none.' })
  @ApiPage(FileView)
  @ApiProblems('invalid_user_id', 'validation_failed')
  async list(
    @CurrentScope() scope: Scope,
    @Param('user_id', UserIdPipe) userId: string,
    @Query() query: PageQueryDto,
  ): Promise<Page<FileView>> {
    const page = await this.files.page(scope, userId, query);
    return { ...page, items: page.items.map(toFileView) };
  }
}
