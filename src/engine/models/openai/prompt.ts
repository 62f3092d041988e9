import type {
  LanguageModelV3FilePart,
  LanguageModelV3Message,
  LanguageModelV3TextPart,
} from '@ai-sdk/provider';
import type {
  ContentBlock,
  DocumentBlock,
  ImageBlock,
  Message,
  SystemContentBlock,
  ToolResultBlock,
} from '@aws-sdk/client-bedrock-runtime';
import { invalidRequest } from '../exceptions.ts';

type UserPart = LanguageModelV3TextPart | LanguageModelV3FilePart;
type AssistantPart = Extract<LanguageModelV3Message, { role: 'assistant' }>['content'][number];
type ToolPart = Extract<LanguageModelV3Message, { role: 'tool' }>['content'][number];

/** Documents whose bytes are text. */
const textFormats: readonly (string | undefined)[] = ['txt', 'md', 'csv', 'html'];

/**
 * A conversation of Converse in the form of the AI SDK. Reasoning and cache points are left out: models of this kind do
 * not take them back. Images of tool results follow them in a message of the user, as tools answer text only.
 * @throws ValidationException for what these models cannot read; the message names the place.
 */
export function toPrompt(
  system: readonly SystemContentBlock[],
  messages: readonly Message[],
): LanguageModelV3Message[] {
  const toolNames = new Map<string, string>();
  for (const { toolUse } of messages.flatMap(({ content = [] }) => content))
    if (toolUse) toolNames.set(toolUse.toolUseId ?? '', toolUse.name ?? '');
  const text = system.flatMap((block) => block.text ?? block.guardContent?.text?.text ?? []).join('\n\n');
  const start: LanguageModelV3Message[] = text ? [{ role: 'system', content: text }] : [];
  const rest = messages.flatMap(({ role, content = [] }, index) => {
    const place = `messages[${index}]`;
    return role === 'assistant' ? assistantMessage(content, place) : userMessages(content, toolNames, place);
  });
  return [...start, ...rest];
}

function assistantMessage(content: readonly ContentBlock[], place: string): LanguageModelV3Message[] {
  const parts = content.flatMap((block, index): AssistantPart[] => {
    if (block.text !== undefined) return [textPart(block.text)];
    if (block.toolUse) {
      const { toolUseId = '', name = '', input = {} } = block.toolUse;
      return [{ type: 'tool-call', toolCallId: toolUseId, toolName: name, input }];
    }
    if (block.citationsContent)
      return (block.citationsContent.content ?? []).map(({ text = '' }) => textPart(text));
    if (block.reasoningContent || block.cachePoint) return [];
    throw unreadable(block, `${place}.content[${index}]`);
  });
  return parts.length ? [{ role: 'assistant', content: parts }] : [];
}

function userMessages(
  content: readonly ContentBlock[],
  toolNames: ReadonlyMap<string, string>,
  place: string,
): LanguageModelV3Message[] {
  const results: ToolPart[] = [];
  const parts: UserPart[] = [];
  for (const [index, block] of content.entries()) {
    const here = `${place}.content[${index}]`;
    if (!block.toolResult) {
      parts.push(...userParts(block, here));
      continue;
    }
    const { toolUseId = '', status } = block.toolResult;
    const { text, images } = resultParts(block.toolResult, `${here}.toolResult`);
    const type = status === 'error' ? 'error-text' : 'text';
    const toolName = toolNames.get(toolUseId) ?? '';
    results.push({ type: 'tool-result', toolCallId: toolUseId, toolName, output: { type, value: text } });
    if (images.length) parts.push(textPart(`The images that ${toolName || toolUseId} answered:`), ...images);
  }
  return [
    ...(results.length ? [{ role: 'tool' as const, content: results }] : []),
    ...(parts.length ? [{ role: 'user' as const, content: parts }] : []),
  ];
}

function userParts(block: ContentBlock, place: string): UserPart[] {
  if (block.text !== undefined) return [textPart(block.text)];
  if (block.image) return [imagePart(block.image, place)];
  if (block.document) return [textPart(documentText(block.document, place))];
  if (block.searchResult) return [textPart(searchText(block.searchResult))];
  if (block.guardContent?.text) return [textPart(block.guardContent.text.text ?? '')];
  if (block.cachePoint) return [];
  throw unreadable(block, place);
}

function resultParts({ content = [] }: ToolResultBlock, place: string) {
  const texts: string[] = [];
  const images: LanguageModelV3FilePart[] = [];
  for (const [index, block] of content.entries()) {
    const here = `${place}.content[${index}]`;
    if (block.text !== undefined) texts.push(block.text);
    else if (block.json !== undefined) texts.push(JSON.stringify(block.json));
    else if (block.image) images.push(imagePart(block.image, here));
    else if (block.document) texts.push(documentText(block.document, here));
    else if (block.searchResult) texts.push(searchText(block.searchResult));
    else throw unreadable(block, here);
  }
  return { text: texts.join('\n'), images };
}

function textPart(text: string): LanguageModelV3TextPart {
  return { type: 'text', text };
}

function imagePart({ format, source }: ImageBlock, place: string): LanguageModelV3FilePart {
  if (!source?.bytes) throw onlyBytes(`${place}.image.source`);
  return { type: 'file', mediaType: `image/${format}`, data: source.bytes };
}

function documentText({ name, format, source, context }: DocumentBlock, place: string): string {
  const head = [`Document ${name}:`, context].filter(Boolean).join('\n');
  if (source?.text !== undefined) return `${head}\n${source.text}`;
  if (source?.content) return `${head}\n${source.content.map(({ text = '' }) => text).join('\n')}`;
  if (!source?.bytes) throw onlyBytes(`${place}.document.source`);
  if (!textFormats.includes(format))
    throw invalidRequest(
      `${place}.document: the configured model takes documents as text, and ${name} is ${format}. Take its text out first, or send it as txt, md, csv or html.`,
    );
  return `${head}\n${new TextDecoder().decode(source.bytes)}`;
}

function searchText({ title, source, content = [] }: NonNullable<ContentBlock['searchResult']>): string {
  return `${title} (${source}):\n${content.map(({ text = '' }) => text).join('\n')}`;
}

function onlyBytes(place: string) {
  return invalidRequest(`${place}: the configured model takes bytes only, and reads nothing from S3.`);
}

function unreadable(block: object, place: string) {
  const [kind = 'nothing'] = Object.keys(block);
  return invalidRequest(`${place}: the configured model cannot read ${kind}. Leave it out.`);
}
