"""What can go wrong with photos."""

from __future__ import annotations

from geoservice.messages.marking import N_

EVIDENCE: dict[str, str] = {
    "photo_too_many_pixels": N_(
        "The photo {file} has {megapixels} megapixels ({width} × {height}); at most {most} are taken. "
        "Choose a smaller picture size in the camera, or send a screenshot of it."
    ),
    "photo_too_large": N_(
        "The photo {file} is larger than {megapixels} MB. Choose a smaller picture size in the camera and take it again."
    ),
    "photo_empty": N_("The photo {file} is empty. Take or choose it again."),
    "photo_heic": N_(
        "The photo {file} is HEIC or AVIF, which not every device can show. On an iPhone choose Settings → Camera → Formats → "
        "Most Compatible, then take it again; or send it as JPEG."
    ),
    "photo_kind_unknown": N_("The file {file} is no photo that can be read. JPEG, PNG and WebP are taken."),
    "photo_damaged": N_("The photo {file} is damaged or was cut short on its way. Take or choose it again."),
    "photos_too_many": N_(
        "{count} photos at once are too many; at most {most} are taken. Send the others afterwards."
    ),
    "photos_enough": N_("There are {most} photos here already; no more are taken."),
    "photo_sent_already": N_(
        "Something else was sent under the name of this photo. Load the page again and choose the photo anew."
    ),
    "photo_subject_unknown": N_("What this photo belongs to is not there, or it is not for you."),
    "photo_lost": N_("The photo could not be kept. Send it again."),
    "photo_unknown": N_("There is no such photo, or it is not for you."),
    "photo_flag_unknown": N_("There is no such reason. Choose one of those shown above the list."),
    "said_too_long_ago": N_(
        "This waited on the phone for more than {days} days and can't be stored any more. Tell your dispatcher, then remove it."
    ),
    "photo_verdict_needed": N_("Say what you make of the photo: accepted, refused or unclear."),
    "photo_note_needed": N_("Say in the note why the photo is refused."),
    "photo_note_too_long": N_("The note has {length} characters; at most {most} are kept."),
}
