import type { Type } from '@nestjs/common';

const tolerant = new Set<unknown>();

/**
 * On a DTO: fields that it does not have are ignored, not rejected. For the requests of other systems' clients, which
 * send what they or their users like.
 */
export function IgnoresUnknownFields(): ClassDecorator {
  return (dto) => {
    tolerant.add(dto);
  };
}

/** Whether a DTO {@link IgnoresUnknownFields}. */
export function ignoresUnknownFields(dto: unknown): boolean {
  return tolerant.has(dto);
}

/** The names of all such DTOs, which are those of their schemas. */
export function tolerantNames(): ReadonlySet<string> {
  return new Set([...tolerant].map((dto) => (dto as Type).name));
}
