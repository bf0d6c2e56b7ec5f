/** Names for people of what the server calls by a code. */

const TYPES: Record<string, string> = {
  pdf: "PDF", office: "Office", text: "Text", markdown: "Markdown", html: "Web page", web: "Web page", image: "Image", audio: "Sound", video: "Video",
  youtube: "YouTube", email: "Mail", mail: "Mail", archive: "Archive", code: "Code", data: "Data", book: "Book", ebook: "Book", spreadsheet: "Spreadsheet",
  presentation: "Slides", subtitles: "Subtitles", url: "Link", other: "Other",
};
export const typeName = (name: string): string => TYPES[name] ?? (name.includes("/") ? name : name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " "));

const LANGUAGES = new Intl.DisplayNames(["en"], { type: "language", fallback: "code" });
/** "German" of "de"; what is no code of a language stays as it is. */
export function languageName(code: string): string {
  try {
    return LANGUAGES.of(code) ?? code;
  } catch {
    return code;
  }
}
