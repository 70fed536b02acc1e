import { deflateSync } from 'node:zlib';

/** What kind of PDF. */
export interface PdfOptions {
  /** Its font is a Chinese one that says nothing about Unicode except the name of its character map. */
  isChinese?: boolean;
  /** Asks for a password that nobody knows. */
  isEncrypted?: boolean;
}

/** A PDF with one page for each text; an empty text is a page without any, as in a scan. */
export function pdf(
  pages: readonly string[],
  { isEncrypted = false, isChinese = false }: PdfOptions = {},
): Buffer {
  const font = 3;
  const first = font + 1;
  const kids = pages.map((_, index) => `${first + 2 * index} 0 R`).join(' ');
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`,
    isChinese ? CHINESE_FONT : '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    ...pages.flatMap((text, index) => pageObjects(text, first + 2 * index, font, isChinese)),
  ];
  const lock = `${objects.length + 1} 0 R`;
  if (isEncrypted)
    objects.push(`<< /Filter /Standard /V 1 /R 2 /P -4 /O <${'ab'.repeat(32)}> /U <${'cd'.repeat(32)}> >>`);
  return file(objects, isEncrypted ? ` /Encrypt ${lock} /ID [<00> <00>]` : '');
}

const CHINESE_FONT = `<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [
  << /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light
     /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >>
     /FontDescriptor << /Type /FontDescriptor /FontName /STSong-Light /Flags 4 /FontBBox [0 -200 1000 900]
       /ItalicAngle 0 /Ascent 900 /Descent -200 /CapHeight 700 /StemV 80 >> >>] >>`;

const asText = (line: string): string => `(${line.replace(/[\\()]/g, String.raw`\$&`)})`;

/** Two bytes for each character. */
const asCodes = (line: string): string => `<${Buffer.from(line, 'utf16le').swap16().toString('hex')}>`;

function pageObjects(text: string, id: number, font: number, isChinese: boolean): string[] {
  const lines = text.split('\n').map((line) => `${isChinese ? asCodes(line) : asText(line)} Tj T*`);
  const content = text === '' ? '' : `BT /F1 12 Tf 14 TL 72 720 Td ${lines.join(' ')} ET`;
  return [
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 ${font} 0 R >> >> /Contents ${id + 1} 0 R >>`,
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
  ];
}

/** A small PDF whose only page is white space of so many bytes, compressed. */
export function pdfOfSpaces(bytes: number): Buffer {
  const packed = deflateSync(Buffer.alloc(bytes, ' ')).toString('latin1');
  return file(
    [
      '<< /Type /Catalog /Pages 2 0 R >>',
      '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
      '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R >>',
      `<< /Length ${packed.length} /Filter /FlateDecode >>\nstream\n${packed}\nendstream`,
    ],
    '',
  );
}

/** Objects, numbered from 1, with the table of where each begins. */
function file(objects: readonly string[], trailer: string): Buffer {
  let text = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const offset = text.length;
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const size = objects.length + 1;
  const rest = `xref\n0 ${size}\n0000000000 65535 f \n${table}trailer\n<< /Size ${size} /Root 1 0 R${trailer} >>\n`;
  return Buffer.from(`${text}${rest}startxref\n${text.length}\n%%EOF\n`, 'latin1');
}
