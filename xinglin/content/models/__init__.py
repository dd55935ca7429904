from xinglin.content.models.brand import BrandKit, LogoVersion, Material, ShortLink
from xinglin.content.models.items import ContentComment, ContentItem, ContentTag, ContentView
from xinglin.content.models.media import MediaAsset
from xinglin.content.models.plans import (
    ContentColumn,
    ExpertPlan,
    HospitalTheme,
    Placement,
    PlacementMetric,
)
from xinglin.content.models.proofs import AdCertificate, CaseAuthorisation, ProofFile
from xinglin.content.models.reviews import ApprovalPolicy, ContentReview, ReviewDelegation
from xinglin.content.models.versions import ContentVersion

__all__ = [
    "AdCertificate",
    "ApprovalPolicy",
    "BrandKit",
    "CaseAuthorisation",
    "ContentColumn",
    "ContentComment",
    "ContentItem",
    "ContentReview",
    "ContentTag",
    "ContentVersion",
    "ContentView",
    "ExpertPlan",
    "HospitalTheme",
    "LogoVersion",
    "Material",
    "MediaAsset",
    "Placement",
    "PlacementMetric",
    "ProofFile",
    "ReviewDelegation",
    "ShortLink",
]
