import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { cleanText, clip } from '../../common/index.js';
import { Corpus, type CorpusDocument, type Passage } from '../corpus.js';
import { Tool, ToolError, type ToolContext, type ToolResult, type ToolSource } from '../tool.js';

const PASSAGE_MAX_CHARS = 2000;
const PAGE_CHARS = 12_000;

const searchParameters = z.object({
  query: z.string().trim().min(1).max(1000).describe('Words to search for, in the language of the documents'),
  limit: z.int().min(1).max(20).default(6).describe('Maximum number of passages'),
  tender_id: z
    .string()
    .max(200)
    .optional()
    .describe("Only documents of this tender; default: the message's tender"),
});

const readParameters = z.object({
  document: z.string().trim().min(1).max(500).describe('document_id of a search result, or the title'),
  offset: z.int().min(0).default(0).describe('Character to start at; use next_offset of the previous page'),
  limit: z.int().min(1).max(PAGE_CHARS).default(PAGE_CHARS).describe('Maximum number of characters'),
});

/** Search and reading in the documents of this deployment. */
@Injectable()
export class CorpusTools {
  constructor(private readonly corpus: Corpus) {}

  @Tool({
    name: 'search_tender_corpus',
    description:
      'Searches the documents and returns the best passages with document_id, title and text, as JSON.',
    parameters: searchParameters,
    idempotent: true,
  })
  async search(args: z.output<typeof searchParameters>, context: ToolContext): Promise<ToolResult> {
    const tender_id = args.tender_id ?? tenderOf(context);
    const query = { query: cleanText(args.query), limit: args.limit, ...(tender_id && { tender_id }) };
    const passages = await this.corpus.search(context.tenant, query);
    const shown = passages.map((passage) => ({ ...passage, text: clip(passage.text, PASSAGE_MAX_CHARS) }));
    return {
      text: JSON.stringify({ passages: shown }),
      summary: summarize(passages),
      sources: passages.map(toSource),
    };
  }

  @Tool({
    name: 'get_file_content',
    description:
      'Reads one document of the corpus, page by page: long texts come with a next_offset to continue from.',
    parameters: readParameters,
    idempotent: true,
  })
  async read(args: z.output<typeof readParameters>, context: ToolContext): Promise<ToolResult> {
    const document = await this.corpus.read(context.tenant, cleanText(args.document), tenderOf(context));
    if (!document)
      throw new ToolError(
        `There is no document "${clip(args.document, 100)}". Search for it first.`,
        'document_not_found',
      );
    const end = Math.min(args.offset + args.limit, document.content.length);
    return {
      text: page(document, args.offset, end),
      summary: `Read ${document.title} (${Math.max(0, end - args.offset)} characters)`,
      sources: [toSource(document)],
    };
  }
}

function tenderOf({ metadata }: ToolContext): string | undefined {
  const { tender_id } = metadata;
  return typeof tender_id === 'string' && tender_id !== '' ? tender_id : undefined;
}

function toSource({ document_id, title }: Pick<Passage, 'document_id' | 'title'>): ToolSource {
  return { title, document_id };
}

function summarize(passages: Passage[]): string {
  if (passages.length === 0) return 'Found nothing';
  const titles = [...new Set(passages.map((passage) => passage.title))].join(', ');
  return `Found ${passages.length} relevant ${passages.length === 1 ? 'section' : 'sections'} in ${titles}`;
}

function page({ document_id, title, content }: CorpusDocument, offset: number, end: number): string {
  const head = [
    `document_id: ${document_id}`,
    `title: ${title}`,
    `characters: ${offset}-${end} of ${content.length}`,
  ];
  if (end < content.length) head.push(`next_offset: ${end}`);
  return `${head.join('\n')}\n\n${content.slice(offset, end).toWellFormed()}`;
}
