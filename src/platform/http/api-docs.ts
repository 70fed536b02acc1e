import { applyDecorators, type Type } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { AppError, problems, type ProblemCode } from '../../common/index.js';
import { PROBLEM_TYPE, toProblem } from './problem.js';

const EXAMPLE_ID = '2f0f6a52-8d4e-4e3b-9d0e-6a4f4c0a2b11';

/**
 * Documents the error responses of a route, with an example of each code. `rate_limited` and `database_unavailable` are added to every
 * route.
 */
export function ApiProblems(...codes: ProblemCode[]): MethodDecorator & ClassDecorator {
  const all: ProblemCode[] = [...new Set<ProblemCode>([...codes, 'rate_limited', 'database_unavailable'])];
  const statuses = [...new Set(all.map((code) => problems[code].status))];
  return applyDecorators(
    ...statuses.map((status) =>
      apiProblem(
        status,
        all.filter((code) => problems[code].status === status),
      ),
    ),
  );
}

function apiProblem(status: number, codes: ProblemCode[]): MethodDecorator & ClassDecorator {
  const examples = Object.fromEntries(codes.map((code) => [code, { value: exampleOf(code) }]));
  return ApiResponse({
    status,
    description: codes.map((code) => `\`${code}\``).join(', '),
    content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' }, examples } },
  });
}

/** The server's text, with the details of the catalogue's example. */
function exampleOf(code: ProblemCode): unknown {
  const entry = problems[code];
  const details = ('example' in entry ? [entry.example] : []) as ConstructorParameters<typeof AppError>;
  return toProblem(Reflect.construct(AppError, [code, ...details]) as AppError, EXAMPLE_ID);
}

/** Documents a 200 with one page of `item`. */
export function ApiPage(item: Type): MethodDecorator {
  const integer = (example: number): { type: string; example: number } => ({ type: 'integer', example });
  return applyDecorators(
    ApiExtraModels(item),
    ApiOkResponse({
      description: 'One page.',
      schema: {
        type: 'object',
        required: ['items', 'total', 'page', 'page_size', 'total_pages', 'has_more'],
        properties: {
          items: { type: 'array', items: { $ref: getSchemaPath(item) } },
          total: integer(1),
          page: integer(1),
          page_size: integer(20),
          total_pages: integer(1),
          has_more: { type: 'boolean', example: false },
        },
      },
    }),
  );
}
