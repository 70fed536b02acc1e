/** Markdown of every kind, in sections that each name their number. */
export function longMarkdown(chars: number): string {
  const sections: string[] = [];
  for (let size = 0, index = 0; size < chars; index++) {
    const section = sectionOf(index);
    sections.push(section);
    size += section.length;
  }
  return sections.join('\n\n');
}

function sectionOf(index: number): string {
  const words = `Sentence ${index} has **strong**, *soft* and \`code()\` words and a [link](https://example.com/${index}). `;
  return [
    `## Section ${index}`,
    words.repeat(4).trim(),
    Array.from({ length: 6 }, (_, item) => `- Item ${item} of list ${index}, with _words_ in it`).join('\n'),
    `| Name | Value |\n| --- | ---: |\n${Array.from({ length: 5 }, (_, row) => `| row ${row} of ${index} | ${row * index} |`).join('\n')}`,
    `\`\`\`ts\n${Array.from({ length: 8 }, (_, line) => `const value${line} = compute(${index}, '${line}');`).join('\n')}\n\`\`\``,
    `> A quote in section ${index}, that goes on for some words.`,
  ].join('\n\n');
}
