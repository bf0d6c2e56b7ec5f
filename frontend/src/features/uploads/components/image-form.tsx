import { Camera, ImageUp, X } from "lucide-react";
import { useCallback, useEffect, useRef, useState } from "react";
import { Button, IconButton } from "@/components/ui/button";
import { bytes, plural } from "@/lib/format";
import { isTyping } from "@/lib/lists";
import { toast } from "@/lib/toast";
import { taker } from "../api/drops";
import { addFiles } from "../api/queue";
import "./images.css";

interface Chosen {
  file: File;
  preview: string;
  description: string;
}

const named = (file: File): File => (/^image\.\w+$/.test(file.name) ? new File([file], `Pasted ${new Date().toISOString().slice(0, 19).replace("T", " ").replaceAll(":", ".")}.${file.name.split(".")[1]}`, { type: file.type }) : file);

/** Images, dropped, pasted, chosen or taken with the camera; each with its preview and words of one's own. */
export function ImageForm() {
  const [chosen, setChosen] = useState<readonly Chosen[]>([]);
  const input = useRef<HTMLInputElement>(null);
  const camera = useRef<HTMLInputElement>(null);
  const take = useCallback((files: readonly File[]): File[] => {
    const images = files.filter((file) => file.type.startsWith("image/"));
    setChosen((all) => [...all, ...images.map((file) => ({ file: named(file), preview: URL.createObjectURL(file), description: "" }))]);
    return files.filter((file) => !file.type.startsWith("image/"));
  }, []);
  useEffect(() => {
    taker.set({ label: "Drop images to describe them", take });
    const onPaste = (event: ClipboardEvent) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length === 0 || (isTyping(event as unknown as KeyboardEvent) && event.clipboardData?.types.includes("text/plain"))) return;
      event.preventDefault();
      if (take(files).length > 0) toast("Only images are taken here; other files go to the Files tab.");
    };
    window.addEventListener("paste", onPaste);
    return () => {
      taker.set(null);
      window.removeEventListener("paste", onPaste);
    };
  }, [take]);
  const previews = useRef(chosen);
  previews.current = chosen;
  useEffect(() => () => previews.current.forEach((one) => URL.revokeObjectURL(one.preview)), []);
  const drop = (one: Chosen) => {
    URL.revokeObjectURL(one.preview);
    setChosen((all) => all.filter((other) => other !== one));
  };
  const describe = (one: Chosen, description: string) => setChosen((all) => all.map((other) => (other === one ? { ...other, description } : other)));
  const addAll = () => {
    for (const one of [...chosen].reverse()) addFiles([one.file], one.description.trim());
    chosen.forEach(drop);
  };
  const pick = (event: { target: HTMLInputElement }) => {
    take([...(event.target.files ?? [])]);
    event.target.value = "";
  };
  return (
    <div className="image-form">
      <section className={chosen.length > 0 ? "drop-area compact" : "drop-area"} aria-label="Add images">
        <ImageUp className="icon" size={chosen.length > 0 ? 22 : 30} strokeWidth={1.5} aria-hidden />
        <p className="drop-title"><span className="by-mouse">Drop or paste images</span><span className="by-touch">Add images from this device</span></p>
        <div className="drop-buttons">
          <Button look="primary" onClick={() => input.current?.click()}>Choose images</Button>
          <Button className="by-touch" icon={<Camera className="icon" size={17} aria-hidden />} onClick={() => camera.current?.click()}>Take a photo</Button>
        </div>
        <p className="quiet small">The words in it are read and become searchable. What you write beside it is found too.</p>
        <input ref={input} type="file" accept="image/*" multiple hidden aria-label="Images to add" onChange={pick} />
        <input ref={camera} type="file" accept="image/*" capture="environment" hidden aria-label="Photo to add" onChange={pick} />
      </section>
      {chosen.length > 0 ? (
        <form onSubmit={(event) => { event.preventDefault(); addAll(); }}>
          <ul className="image-rows" aria-label="Chosen images">
            {chosen.map((one) => (
              <li key={one.preview}>
                <img src={one.preview} alt={`Preview of ${one.file.name}`} />
                <div className="field">
                  <label htmlFor={one.preview}>{one.file.name} <span className="quiet small num">{bytes(one.file.size)}</span></label>
                  <textarea id={one.preview} value={one.description} rows={2} placeholder="What it shows, or why you keep it (optional)" onChange={(event) => describe(one, event.target.value)} />
                </div>
                <IconButton label={`Leave out ${one.file.name}`} icon={<X className="icon" size={18} />} onClick={() => drop(one)} />
              </li>
            ))}
          </ul>
          <Button look="primary" type="submit">{chosen.length === 1 ? "Add image" : `Add ${plural(chosen.length, "image")}`}</Button>
        </form>
      ) : null}
    </div>
  );
}
