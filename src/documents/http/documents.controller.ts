import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import type { Page, Scope } from '../../common/index.js';
import { ApiPage, ApiProblems, CurrentScope, DocumentIdPipe } from '../../platform/http/index.js';
import { DocumentView, DocumentWithContentView, toDocumentView } from './document.view.js';
import { DocumentsService } from '../documents.service.js';
import { CreateDocumentDto } from './create-document.dto.js';
import { DocumentsQueryDto } from './documents-query.dto.js';

/** The corpus over HTTP. */
@ApiTags('documents')
@Controller('documents')
export class DocumentsController {
  constructor(private readonly documents: DocumentsService) {}

  @Post()
  @ApiOperation({
    summary: 'Add a document',
    description:
      'The search and file tools find it at once. Adding the same title twice creates two documents.',
  })
  @ApiCreatedResponse({ description: 'The document, without its text.', type: DocumentView })
  @ApiProblems('validation_failed', 'invalid_json', 'body_too_large', 'unsupported_media_type')
  async create(@CurrentScope() scope: Scope, @Body() body: CreateDocumentDto): Promise<DocumentView> {
    return toDocumentView(await this.documents.create(scope, body));
  }

  @Get()
  @ApiOperation({
    summary: 'List the documents',
    description: 'Newest first, without their text; all documents, or those that `search` finds.',
  })
  @ApiPage(DocumentView)
  @ApiProblems('validation_failed')
  async list(@CurrentScope() scope: Scope, @Query() query: DocumentsQueryDto): Promise<Page<DocumentView>> {
    const page = await this.documents.page(scope, query);
    return { ...page, items: page.items.map(toDocumentView) };
  }

  @Get(':document_id')
  @ApiOperation({ summary: 'Get a document', description: 'With its text, exactly as it was sent.' })
  @ApiParam({ name: 'document_id', example: '68eb95dcac4dd9ac2789890f' })
  @ApiOkResponse({ description: 'The document.', type: DocumentWithContentView })
  @ApiProblems('invalid_document_id', 'document_not_found')
  async get(
    @CurrentScope() scope: Scope,
    @Param('document_id', DocumentIdPipe) documentId: string,
  ): Promise<DocumentWithContentView> {
    const { record, content } = await this.documents.get(scope, documentId);
    return Object.assign(toDocumentView(record), { content });
  }

  @Delete(':document_id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete a document', description: 'Tools no longer find it. Cannot be undone.' })
  @ApiParam({ name: 'document_id', example: '68eb95dcac4dd9ac2789890f' })
  @ApiNoContentResponse({ description: 'The document has been deleted.' })
  @ApiProblems('invalid_document_id', 'document_not_found')
  async delete(
    @CurrentScope() scope: Scope,
    @Param('document_id', DocumentIdPipe) documentId: string,
  ): Promise<void> {
    await this.documents.delete(scope, documentId);
  }
}
