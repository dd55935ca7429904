"""schema.org in JSON-LD. A page without ways says who wrote it and nothing that leads to the hospital."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

Data = dict[str, Any]
CONTEXT: Final = "https://schema.org"
_ESCAPES: Final = {
    ord("<"): "\\u003C",
    ord(">"): "\\u003E",
    ord("&"): "\\u0026",
    0x2028: "\\u2028",
    0x2029: "\\u2029",
}


def as_json(data: Data) -> str:
    """For a script element: no character in it can end the element."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)


def hospital(organization: Any, *, url: str, departments: Sequence[Any] = ()) -> Data:
    """The institution with its facts as licensed."""
    return _clean(
        {
            "@context": CONTEXT,
            "@type": "Hospital",
            "@id": f"{url}#hospital",
            "name": organization.name,
            "legalName": organization.first_name,
            "alternateName": organization.short_name,
            "url": url,
            "telephone": organization.phone,
            "address": {
                "@type": "PostalAddress",
                "streetAddress": organization.address,
                "addressCountry": "CN",
            }
            if organization.address
            else None,
            "identifier": organization.licence_no,
            "department": [{"@type": "MedicalClinic", "name": each.name} for each in departments],
        }
    )


def physician(doctor: Any, organization: Any, *, url: str, home: str) -> Data:
    """A doctor: name, title, department, what they see. No praise, no rating."""
    return _clean(
        {
            "@context": CONTEXT,
            "@type": "Physician",
            "@id": f"{url}#physician",
            "name": doctor.name,
            "jobTitle": doctor.title,
            "url": url,
            "medicalSpecialty": doctor.department.name if doctor.department else "",
            "knowsAbout": doctor.specialities,
            "identifier": doctor.licence_no,
            "hospitalAffiliation": {
                "@type": "Hospital",
                "@id": f"{home}#hospital",
                "name": organization.name,
            },
        }
    )


def page(published: Any, organization: Any, *, url: str, has_ways: bool, home: str) -> Data:
    """A text: science as MedicalWebPage and Article with its people and sources, all else as WebPage."""
    is_science = published.page_class == "science"
    publisher: Data = {"@type": "Hospital", "name": organization.name}
    if has_ways:
        publisher |= {"@id": f"{home}#hospital", "url": home}
    data: Data = {
        "@context": CONTEXT,
        "@type": ["MedicalWebPage", "Article"] if is_science else "WebPage",
        "headline" if is_science else "name": published.title,
        "description": published.summary,
        "inLanguage": "zh-CN",
        "datePublished": _iso(published.published_at),
        "dateModified": _iso(getattr(published, "updated_at", None) or published.published_at),
        "expires": published.valid_until.isoformat() if published.valid_until else None,
        "publisher": publisher,
    }
    if has_ways:
        data["mainEntityOfPage"] = url
    if is_science:
        data |= {
            "author": _people(getattr(published, "authors", ()), published.author),
            "reviewedBy": {"@type": "Person", "name": published.reviewer} if published.reviewer else None,
            "lastReviewed": _iso(getattr(published, "updated_at", None)),
            "citation": list(published.sources),
            "audience": {"@type": "MedicalAudience", "audienceType": "Patient"},
        }
    return _clean(data)


def posted(organization: Any, *, name: str, changed: date, home: str) -> Data:
    """The posted price list as a page of facts: no offers, which would read as an invitation to buy."""
    return {
        "@context": CONTEXT,
        "@type": "WebPage",
        "name": name,
        "inLanguage": "zh-CN",
        "dateModified": changed.isoformat(),
        "publisher": {"@type": "Hospital", "@id": f"{home}#hospital", "name": organization.name, "url": home},
    }


def breadcrumbs(steps: Sequence[tuple[str, str]]) -> Data:
    """Names and addresses from the outside in; a step without an address is only named."""
    return {
        "@context": CONTEXT,
        "@type": "BreadcrumbList",
        "itemListElement": [
            _clean({"@type": "ListItem", "position": n, "name": name, "item": url})
            for n, (name, url) in enumerate(steps, 1)
        ],
    }


def _people(authors: Sequence[Any], otherwise: str) -> Any:
    if authors:
        return [
            _clean(
                {"@type": "Person", "name": one.name, "jobTitle": one.title, "affiliation": one.department}
            )
            for one in authors
        ]
    return {"@type": "Person", "name": otherwise} if otherwise else None


def _place(address: str) -> Data | None:
    if not address:
        return None
    return {"@type": "PostalAddress", "streetAddress": address, "addressCountry": "CN"}


def _iso(moment: Any) -> str | None:
    return moment.isoformat() if moment else None


def _clean(data: Mapping[str, Any]) -> Data:
    return {key: value for key, value in data.items() if value not in (None, "", [], {})}
